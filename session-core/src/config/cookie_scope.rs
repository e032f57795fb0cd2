//! What the domain and the path of the cookie may be.

use super::validate::require;
use crate::{Config, Result};

/// RFC 6265bis: browsers ignore an attribute that is longer.
const ATTRIBUTE_BYTES_MAX: usize = 1024;

/// RFC 1035, section 2.3.4.
const HOST_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;

pub(super) fn validate(config: &Config) -> Result<()> {
    validate_path(&config.cookie_path)?;
    config.cookie_domain.as_deref().map_or(Ok(()), validate_domain)
}

fn validate_path(path: &str) -> Result<()> {
    let why = "it does not begin with `/`; write `/`, or a path such as `/shop`";
    require(path.starts_with('/'), "cookie_path", why)?;
    let why =
        "it holds `;`, a space, a control or a non-ASCII character; percent-encode it as in the address bar";
    require(path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';'), "cookie_path", why)?;
    let why = format!("browsers ignore so long a path; write at most {ATTRIBUTE_BYTES_MAX} bytes");
    require(path.len() <= ATTRIBUTE_BYTES_MAX, "cookie_path", why)
}

fn validate_domain(domain: &str) -> Result<()> {
    let why = "it begins with a dot, which means nothing any more; write `example.com`";
    require(!domain.starts_with('.'), "cookie_domain", why)?;
    let why =
        format!("{domain:?} is no host name; write one such as `example.com`, without scheme, port or path");
    require(domain.len() <= HOST_BYTES_MAX && domain.split('.').all(is_label), "cookie_domain", why)?;
    let why = "an address has no subdomains; leave it out";
    require(!is_address(domain), "cookie_domain", why)
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_BYTES_MAX).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// No top-level domain is a number, so a host that ends in one is an IPv4 address in some spelling.
fn is_address(domain: &str) -> bool {
    domain.rsplit('.').next().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()))
}
