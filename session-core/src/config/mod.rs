//! How sessions behave, as the application sets it.

mod cookie_name;
mod cookie_scope;
mod duration;
mod presets;
mod same_site;
mod secret_key;
mod validate;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::{same_site::SameSite, secret_key::SecretKey};

/// How sessions behave: the cookie, the lifetimes, the limits.
///
/// [`Config::default`] is today's good practice behind HTTPS; [`Config::plain_http`] is for development;
/// [`Config::webpy`] and [`Config::karrigell`] keep the manuals' tables; [`Config::aal1`] to [`Config::aal3`] have the
/// lifetimes of NIST's levels. Whatever was changed is checked by
/// [`Config::validate`].
///
/// With serde, every parameter may be left out, an unknown one is an error, and a duration is either a whole number
/// of seconds or a text: `"500ms"`, `"45s"`, `"15m"`, `"24h"`, `"30d"`. The format has to describe itself, as
/// TOML and JSON do. Serialising leaves the secret keys out, so that a dump of the timeouts and limits may be shown
/// to anyone; durations are then in seconds, or in a text such as `"1500ms"` where there is a fraction.
///
/// ```
/// use std::time::Duration;
/// use session_core::Config;
///
/// let config = Config { timeout: Duration::from_secs(15 * 60), ..Config::default() };
/// config.validate()?;
///
/// let config: Config = serde_json::from_str(r#"{ "timeout": "15m", "cookie_name": "__Host-shop" }"#)?;
/// assert_eq!(config.timeout, Duration::from_secs(15 * 60));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The name of the cookie, a token of RFC 6265. Default: `__Host-id`.
    ///
    /// The prefix makes browsers insist on `Secure`, `Path=/` and no `Domain` (RFC 6265bis), so that no neighbouring
    /// host can plant the cookie. The name says nothing of what serves it, as OWASP advises. A host with more than
    /// one application gives each its own name.
    pub cookie_name: String,

    /// The host whose subdomains get the cookie too. Default: none, only the host itself.
    ///
    /// Not with a `__Host-` name. The fewer hosts see the cookie, the better (OWASP).
    pub cookie_domain: Option<String>,

    /// The path below which the browser sends the cookie. Default: `/`.
    ///
    /// A path keeps no other application of the same host away from the cookie (RFC 6265, section 8.5).
    pub cookie_path: String,

    /// Which requests from other sites carry the cookie. Default: [`SameSite::Lax`].
    #[serde(alias = "samesite")]
    pub same_site: SameSite,

    /// Whether scripts in the page cannot read the cookie. Default: true (OWASP).
    #[serde(alias = "httponly")]
    pub http_only: bool,

    /// Whether the browser sends the cookie over HTTPS alone. Default: true (OWASP).
    ///
    /// False is for development, as in [`Config::plain_http`].
    pub secure: bool,

    /// Whether the cookie belongs to the site in the address bar that embeds ours (CHIPS). Default: false.
    pub partitioned: bool,

    /// How long the browser keeps the cookie, in whole seconds, at most 400 days (RFC 6265bis). Default: none, until
    /// the browser ends.
    ///
    /// The server never relies on it: `timeout` and `max_lifetime` decide whether a session is live.
    #[serde(with = "duration::optional")]
    pub cookie_max_age: Option<Duration>,

    /// How long a session lives without being used. Default: 24 hours, as in the web.py manual.
    ///
    /// OWASP advises 15 to 30 minutes, and 2 to 5 where much is at stake. One session can have its own.
    #[serde(with = "duration")]
    pub timeout: Duration,

    /// How long a session lives at most, from its login or else its creation, however busy it is. Default: 30 days
    /// (NIST SP 800-63B-4, level 1). Never less than `timeout`.
    #[serde(with = "duration")]
    pub max_lifetime: Duration,

    /// How often a session that is only read is written down as used. Default: 60 seconds, but at most a tenth of the
    /// timeout.
    ///
    /// A session dies at most this much earlier than its last use would have it; a smaller value means more writes.
    #[serde(with = "duration")]
    pub touch_interval: Duration,

    /// How long requests with the previous ticket are still served once the new one was seen in use. Default: 30
    /// seconds; at most an hour.
    ///
    /// It covers the requests that were on their way when the ticket was renewed (OWASP calls it a safety
    /// interval). A login grants none.
    #[serde(with = "duration")]
    pub rotation_grace: Duration,

    /// How old a ticket may become before the end of a request renews it, as [`Session::rotate`](crate::Session::rotate)
    /// does. Default: none, only where the application does so; at least `rotation_grace`.
    ///
    /// OWASP's renewal timeout: whoever shows a copied ticket later than that is shut out, or shuts its owner out, and
    /// is told as the event `replaced`.
    #[serde(with = "duration::optional")]
    pub rotation_interval: Option<Duration>,

    /// Whether a visitor with an expired session quietly gets a new one. Default: true, as in the web.py manual.
    ///
    /// With false the request is answered with `expired_message`.
    pub ignore_expiry: bool,

    /// Whether a session is served to another client address than the one that created it. Default: true, as in
    /// the web.py manual.
    ///
    /// Addresses of mobile visitors change all the time; false is for networks where they do not.
    pub ignore_change_ip: bool,

    /// The keys that hash the secret half of a ticket before it is stored, newest first. Default: none, then the hash
    /// has no key.
    ///
    /// All of them open sessions, the first one makes new hashes. To change keys, deploy the new one last in
    /// the list, then move it to the front. With serde it may be one text instead of a list, and the name may be
    /// `secret_key` as in the web.py manual. Never serialised.
    #[serde(alias = "secret_key", deserialize_with = "secret_key::one_or_more", skip_serializing)]
    pub secret_keys: Vec<SecretKey>,

    /// What a visitor reads whose session has expired, when `ignore_expiry` is false. Default: `Session expired`, as
    /// in the web.py manual.
    pub expired_message: String,

    /// How many bytes the data of one session may take in the store. Default: 65,536; at least 1,024.
    ///
    /// A change that would exceed it is refused with [`Error::TooLarge`](crate::Error::TooLarge). A rotation or a login
    /// alone is never refused for the bytes, fewer than 100, by which the session's own facts grow.
    pub max_bytes: usize,

    /// How long one request may wait for the store. Default: 5 seconds.
    #[serde(with = "duration")]
    pub store_timeout: Duration,
}

impl Config {
    /// Returns how long to leave a session untouched that has this `timeout`: `touch_interval`, but at most a tenth of
    /// the timeout.
    pub(crate) fn touch_interval_for(&self, timeout: Duration) -> Duration {
        self.touch_interval.min(timeout / 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_touched_at_least_ten_times_in_its_timeout() {
        let config = Config::default();
        for (timeout, interval) in [(86_400, 60_000), (600, 60_000), (599, 59_900), (1, 100)] {
            let expected = Duration::from_millis(interval);
            assert_eq!(config.touch_interval_for(Duration::from_secs(timeout)), expected, "{timeout}");
        }
    }
}
