//! The `Set-Cookie` header.

use std::{fmt, time::Duration};

use cookie::{Cookie, CookieBuilder, time};

use crate::Config;

/// The value of a `Set-Cookie` header.
///
/// It contains the ticket, and so belongs into that header of that response and nowhere else: not into a log, a body or an
/// address. Where the HTTP library has a mark for sensitive values, set it. `Debug` is redacted. All of it is
/// printable ASCII when the configuration is valid.
#[derive(Clone, PartialEq, Eq)]
pub struct SetCookie(String);

impl SetCookie {
    /// Returns the value of the header: `name=ticket` and the attributes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetCookie(..)")
    }
}

/// Returns the header that hands `value` to the browser.
pub(crate) fn set_cookie(config: &Config, value: &str) -> SetCookie {
    let cookie = scoped(config, value);
    render(match config.cookie_max_age {
        Some(max_age) => cookie.max_age(whole_seconds(max_age)),
        None => cookie,
    })
}

/// Returns the header that makes the browser forget the cookie.
///
/// A browser removes a cookie only when name, domain, path and partition are the same, and lets no insecure
/// header replace a secure cookie, so everything but the value and the age is repeated (RFC 6265bis).
pub(crate) fn removal(config: &Config) -> SetCookie {
    render(scoped(config, "").max_age(time::Duration::ZERO))
}

fn scoped<'a>(config: &'a Config, value: &'a str) -> CookieBuilder<'a> {
    let cookie = Cookie::build((config.cookie_name.as_str(), value))
        .http_only(config.http_only)
        .same_site(config.same_site.into())
        .partitioned(config.partitioned)
        .secure(config.secure)
        .path(config.cookie_path.as_str());
    match config.cookie_domain.as_deref() {
        Some(domain) => cookie.domain(domain),
        None => cookie,
    }
}

fn whole_seconds(age: Duration) -> time::Duration {
    time::Duration::seconds(age.as_secs().try_into().unwrap_or(i64::MAX))
}

fn render(cookie: CookieBuilder<'_>) -> SetCookie {
    SetCookie(cookie.build().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SameSite;

    const TICKET: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ-_";

    #[track_caller]
    fn assert_renders(config: &Config, set: &str, remove: &str) {
        config.validate().unwrap();
        let set = set.replace("TICKET", TICKET);
        assert_eq!((set_cookie(config, TICKET).as_str(), removal(config).as_str()), (set.as_str(), remove));
    }

    #[test]
    fn every_preset_renders_exactly() {
        assert_renders(
            &Config::default(),
            "__Host-id=TICKET; HttpOnly; SameSite=Lax; Secure; Path=/",
            "__Host-id=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0",
        );
        assert_renders(
            &Config::plain_http(),
            "id=TICKET; HttpOnly; SameSite=Lax; Path=/",
            "id=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0",
        );
        assert_renders(
            &Config::webpy(),
            "webpy_session_id=TICKET; HttpOnly; SameSite=Lax; Path=/",
            "webpy_session_id=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0",
        );
        assert_renders(
            &Config::karrigell(),
            "sessionId=TICKET; HttpOnly; SameSite=Lax; Path=/",
            "sessionId=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0",
        );
    }

    #[test]
    fn every_attribute_is_set_and_repeated_by_the_removal() {
        let config = Config {
            cookie_name: "__Secure-id".into(),
            cookie_domain: Some("example.com".into()),
            cookie_path: "/shop".into(),
            same_site: SameSite::None,
            partitioned: true,
            cookie_max_age: Some(Duration::from_millis(86_400_999)),
            ..Config::default()
        };
        let scope = "; HttpOnly; SameSite=None; Partitioned; Secure; Path=/shop; Domain=example.com";
        assert_renders(
            &config,
            &format!("__Secure-id=TICKET{scope}; Max-Age=86400"),
            &format!("__Secure-id={scope}; Max-Age=0"),
        );
    }

    #[test]
    fn every_attribute_can_be_left_out() {
        let config = Config {
            http_only: false,
            same_site: SameSite::Strict,
            cookie_name: "a".into(),
            ..Config::plain_http()
        };
        assert_renders(
            &config,
            "a=TICKET; SameSite=Strict; Path=/",
            "a=; SameSite=Strict; Path=/; Max-Age=0",
        );
    }

    #[test]
    fn debug_shows_no_ticket() {
        let shown = format!("{:?}", crate::CookieChange::Set(set_cookie(&Config::default(), TICKET)));
        assert_eq!(shown, "Set(SetCookie(..))");
    }
}
