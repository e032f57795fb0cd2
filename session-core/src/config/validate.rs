//! What a configuration must keep to.

use std::time::Duration;

use super::{cookie_name, cookie_scope};
use crate::{Config, Error, Result, SameSite};

const HOUR: Duration = Duration::from_secs(60 * 60);
const MAX_AGE_MAX: Duration = Duration::from_secs(400 * 24 * 60 * 60);
const BYTES_MIN: usize = 1024;

impl Config {
    /// Checks every parameter, alone and against the others.
    ///
    /// ```
    /// use session_core::Config;
    ///
    /// let refused = Config { secure: false, ..Config::default() }.validate().unwrap_err();
    /// assert!(refused.to_string().starts_with("configuration parameter `secure`: "));
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for the first parameter that is not acceptable, with what to write instead.
    pub fn validate(&self) -> Result<()> {
        cookie_name::validate(self)?;
        cookie_scope::validate(self)?;
        self.validate_cross_site()?;
        self.validate_max_age()?;
        self.validate_lifetimes()?;
        self.validate_secret_keys()?;
        self.validate_limits()
    }

    /// RFC 6265bis and CHIPS: browsers drop such a cookie without a word when it is not `Secure`.
    fn validate_cross_site(&self) -> Result<()> {
        let why = "`none` needs `secure`; set `secure` to true, or write `lax`";
        require(self.secure || self.same_site != SameSite::None, "same_site", why)?;
        let why = "a partitioned cookie needs `secure`; set `secure` to true, or write false";
        require(self.secure || !self.partitioned, "partitioned", why)
    }

    /// A fraction of a second would come out as `Max-Age=0`, which removes the cookie.
    fn validate_max_age(&self) -> Result<()> {
        let Some(max_age) = self.cookie_max_age else { return Ok(()) };
        let why = "less than a second removes the cookie at once; write more, \
                   or leave it out for a cookie that ends with the browser";
        require(max_age >= Duration::from_secs(1), "cookie_max_age", why)?;
        let why = "browsers keep no cookie for more than 400 days; write at most `400d`";
        require(max_age <= MAX_AGE_MAX, "cookie_max_age", why)
    }

    fn validate_lifetimes(&self) -> Result<()> {
        require_some("timeout", self.timeout)?;
        require_some("max_lifetime", self.max_lifetime)?;
        let why = "it is less than `timeout`, which could then never be reached; \
                   raise `max_lifetime` or lower `timeout`";
        require(self.max_lifetime >= self.timeout, "max_lifetime", why)?;
        require_some("touch_interval", self.touch_interval)?;
        let why =
            "a stolen ticket would be of use for more than an hour after it was replaced; write at most `1h`";
        require(self.rotation_grace <= HOUR, "rotation_grace", why)?;
        let Some(interval) = self.rotation_interval else { return Ok(()) };
        require_some("rotation_interval", interval)?;
        let why = "it is less than `rotation_grace`, and requests on their way could lose their changes; \
                   raise `rotation_interval` or lower `rotation_grace`";
        require(interval >= self.rotation_grace, "rotation_interval", why)
    }

    fn validate_secret_keys(&self) -> Result<()> {
        let mut older = self.secret_keys.as_slice();
        while let Some((key, rest)) = older.split_first() {
            require(
                !rest.contains(key),
                "secret_keys",
                "a key is listed twice; list each once, newest first",
            )?;
            older = rest;
        }
        Ok(())
    }

    fn validate_limits(&self) -> Result<()> {
        let why = "a session needs room for more than its own facts; write at least 1024";
        require(self.max_bytes >= BYTES_MIN, "max_bytes", why)?;
        require_some("store_timeout", self.store_timeout)
    }
}

/// Times are kept in milliseconds, so anything below one is none.
fn require_some(field: &'static str, duration: Duration) -> Result<()> {
    require(duration >= Duration::from_millis(1), field, "it is zero; write a duration such as `60s`")
}

/// Refuses `field` because of `why` unless it is `acceptable`.
pub(super) fn require(acceptable: bool, field: &'static str, why: impl Into<String>) -> Result<()> {
    if acceptable { Ok(()) } else { Err(Error::Config { field, why: why.into() }) }
}
