//! Ready-made configurations.

use std::time::Duration;

use crate::{Config, SameSite};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for Config {
    /// Returns today's good practice for an application behind HTTPS; each parameter says what its default is.
    fn default() -> Self {
        Self {
            cookie_name: "__Host-id".into(),
            cookie_domain: None,
            cookie_path: "/".into(),
            same_site: SameSite::Lax,
            http_only: true,
            secure: true,
            partitioned: false,
            cookie_max_age: None,
            timeout: DAY,
            max_lifetime: 30 * DAY,
            touch_interval: MINUTE,
            rotation_grace: Duration::from_secs(30),
            rotation_interval: None,
            ignore_expiry: true,
            ignore_change_ip: true,
            secret_keys: Vec::new(),
            expired_message: "Session expired".into(),
            max_bytes: 64 * 1024,
            store_timeout: Duration::from_secs(5),
        }
    }
}

impl Config {
    /// Returns the default without HTTPS, for development: the cookie is called `id` and is not `Secure`.
    ///
    /// Safari and most HTTP libraries refuse a `Secure` cookie, and so every `__Host-` name, on `http://localhost`.
    /// Cookies do not tell ports apart: another program on the same host gets this one too.
    ///
    /// ```
    /// use session_core::Config;
    ///
    /// let config = Config::plain_http();
    /// assert_eq!((config.cookie_name.as_str(), config.secure), ("id", false));
    /// ```
    #[must_use]
    pub fn plain_http() -> Self {
        Self { cookie_name: "id".into(), secure: false, ..Self::default() }
    }

    /// Returns the default with the lifetimes of NIST SP 800-63B-4, authenticator assurance level 1.
    ///
    /// The levels differ in how long a session lives without a new login, and without use; what authenticates the visitor
    /// is the application's:
    ///
    /// | | `timeout`, without use | `max_lifetime`, from the login |
    /// |---|---|---|
    /// | [`aal1`](Config::aal1), as the default | 24 hours, which is ours: the level sets none | 30 days |
    /// | [`aal2`](Config::aal2) | 1 hour | 24 hours |
    /// | [`aal3`](Config::aal3) | 15 minutes | 12 hours |
    ///
    /// OWASP advises 15 to 30 minutes without use, and 2 to 5 where much is at stake; 4 to 8 hours in all. Each is one
    /// field: `Config { max_lifetime, ..Config::aal2() }`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use session_core::Config;
    ///
    /// assert_eq!(Config::aal3().timeout, Duration::from_secs(15 * 60));
    /// Config { secure: false, cookie_name: "id".into(), ..Config::aal2() }.validate()?;
    /// # Ok::<(), session_core::Error>(())
    /// ```
    #[must_use]
    pub fn aal1() -> Self {
        Self { timeout: DAY, max_lifetime: 30 * DAY, ..Self::default() }
    }

    /// Returns the default with the lifetimes of NIST SP 800-63B-4, level 2: see [`aal1`](Config::aal1).
    #[must_use]
    pub fn aal2() -> Self {
        Self { timeout: HOUR, max_lifetime: DAY, ..Self::default() }
    }

    /// Returns the default with the lifetimes of NIST SP 800-63B-4, level 3: see [`aal1`](Config::aal1).
    #[must_use]
    pub fn aal3() -> Self {
        Self { timeout: 15 * MINUTE, max_lifetime: 12 * HOUR, ..Self::default() }
    }

    /// Returns the table of the web.py manual, as web.py 0.76 ships it.
    ///
    /// From there: the cookie `webpy_session_id` without a domain, 24 hours of timeout, `ignore_expiry`,
    /// `ignore_change_ip`, the message `Session expired`, `HttpOnly` and not `Secure`. Not from there: its secret
    /// key, which is published and therefore refused, so that there is none; `SameSite=Lax`, where web.py sends nothing;
    /// and whatever web.py does not know, such as `max_lifetime`, which is as in [`Config::default`].
    ///
    /// ```
    /// use session_core::Config;
    ///
    /// assert_eq!(Config::webpy().cookie_name, "webpy_session_id");
    /// ```
    #[must_use]
    pub fn webpy() -> Self {
        Self {
            cookie_name: "webpy_session_id".into(),
            cookie_domain: None,
            http_only: true,
            secure: false,
            timeout: DAY,
            ignore_expiry: true,
            ignore_change_ip: true,
            expired_message: "Session expired".into(),
            ..Self::default()
        }
    }

    /// Returns what the Karrigell manual says: the cookie `sessionId`, over plain HTTP.
    ///
    /// The manual (2.2.1) names no lifetime: a session ends when it is closed, or as the oldest when there are more
    /// than 1,000, which is the store's to limit. Fifteen minutes of timeout are ours, the lower end of what
    /// OWASP advises; so is all the rest, which is as in [`Config::default`].
    ///
    /// ```
    /// use session_core::Config;
    ///
    /// assert_eq!(Config::karrigell().cookie_name, "sessionId");
    /// ```
    #[must_use]
    pub fn karrigell() -> Self {
        Self { cookie_name: "sessionId".into(), secure: false, timeout: 15 * MINUTE, ..Self::default() }
    }
}
