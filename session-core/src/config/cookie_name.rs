//! What the name of the cookie may be, and what its prefix asks of the rest.

use super::validate::require;
use crate::{Config, Result};

/// RFC 6265bis: browsers drop a cookie whose name and value together are longer.
const NAME_AND_VALUE_BYTES_MAX: usize = 4096;

/// Every ticket has this length.
const VALUE_BYTES: usize = 48;

/// A beginning of the name that browsers read as a promise about the attributes (RFC 6265bis).
struct Prefix {
    text: &'static str,
    host_only: bool,
    http_only: bool,
}

/// The longer one first, where one begins with another.
const PREFIXES: [Prefix; 4] = [
    Prefix { text: "__Host-Http-", host_only: true, http_only: true },
    Prefix { text: "__Host-", host_only: true, http_only: false },
    Prefix { text: "__Http-", host_only: false, http_only: true },
    Prefix { text: "__Secure-", host_only: false, http_only: false },
];

pub(super) fn validate(config: &Config) -> Result<()> {
    let name = config.cookie_name.as_str();
    let why =
        format!("{name:?} is no cookie name; write ASCII letters, digits, `-` and `_`, such as `__Host-id`");
    require(!name.is_empty() && name.bytes().all(is_token), "cookie_name", why)?;
    let longest = NAME_AND_VALUE_BYTES_MAX - VALUE_BYTES;
    let why = format!("browsers drop a cookie with so long a name; write at most {longest} bytes");
    require(name.len() <= longest, "cookie_name", why)?;
    match PREFIXES.iter().find(|prefix| prefix.begins(name)) {
        Some(prefix) => prefix.validate(config),
        None => Ok(()),
    }
}

/// RFC 9110, section 5.6.2.
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

impl Prefix {
    /// Browsers compare without regard to case.
    fn begins(&self, name: &str) -> bool {
        name.get(..self.text.len()).is_some_and(|start| start.eq_ignore_ascii_case(self.text))
    }

    fn validate(&self, config: &Config) -> Result<()> {
        let (text, name) = (self.text, &config.cookie_name);
        // Servers compare with regard to case, and would trust a cookie that older browsers let anyone set.
        let why =
            format!("{name:?} only looks as if it began with `{text}`; write the prefix exactly like that");
        require(name.starts_with(text), "cookie_name", why)?;
        let why =
            format!("a `{text}` cookie needs it; set it to true, or take another `cookie_name` such as `id`");
        require(config.secure, "secure", &why)?;
        require(config.http_only || !self.http_only, "http_only", why)?;
        let why = format!("a `{text}` cookie has the path `/`; write that, or take another `cookie_name`");
        require(config.cookie_path == "/" || !self.host_only, "cookie_path", why)?;
        let why =
            format!("a `{text}` cookie has none; leave it out, or begin `cookie_name` with `__Secure-`");
        require(config.cookie_domain.is_none() || !self.host_only, "cookie_domain", why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_what_the_standard_lists() {
        let token: String = (0..=127).filter(|byte| is_token(*byte)).map(char::from).collect();
        assert_eq!(
            token.chars().filter(|c| !c.is_ascii_alphanumeric()).collect::<String>(),
            "!#$%&'*+-.^_`|~"
        );
        assert!((128..=255).all(|byte| !is_token(byte)));
    }
}
