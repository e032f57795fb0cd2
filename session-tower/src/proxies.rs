//! Proxies whose word about the visitor's address is believed.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};
use ipnet::{IpNet, Ipv4Net};

use crate::Error;

/// The header that proxies fill, and the proxies.
#[derive(Clone, Debug)]
pub(crate) struct Proxies {
    header: HeaderName,
    ranges: Vec<IpNet>,
}

impl Proxies {
    pub(crate) fn new<P: AsRef<str>>(
        header: &str,
        proxies: impl IntoIterator<Item = P>,
    ) -> Result<Self, Error> {
        let name = header.parse().map_err(|_| refused(format!("{header:?} is no name of a header")))?;
        if name == http::header::FORWARDED {
            return Err(refused("`Forwarded` is not read; let the proxy send `X-Forwarded-For`".into()));
        }
        let ranges = proxies.into_iter().map(|proxy| range(proxy.as_ref())).collect::<Result<_, _>>()?;
        Ok(Self { header: name, ranges })
    }

    /// Returns the address of the visitor whose request came in from `peer`.
    pub(crate) fn visitor(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        if !self.lists(peer) {
            return Some(peer);
        }
        let mut last = None;
        for line in headers.get_all(&self.header).iter().rev() {
            for entry in line.to_str().ok()?.rsplit(',') {
                let address = address(entry.trim())?;
                if !self.lists(address) {
                    return Some(address);
                }
                last = Some(address);
            }
        }
        // Nothing but proxies: the one furthest away asked by itself.
        last
    }

    fn lists(&self, address: IpAddr) -> bool {
        self.ranges.iter().any(|range| range.contains(&address))
    }
}

/// Reads an address that may have a port.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']')).unwrap_or(entry);
    let address = bare.parse().or_else(|_| entry.parse().map(|socket: SocketAddr| socket.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

/// Reads a range, or a single address; what is mapped to IPv6 is IPv4.
fn range(proxy: &str) -> Result<IpNet, Error> {
    let why = || refused(format!("{proxy:?} is neither an address nor a range such as `10.0.0.0/8`"));
    if let Ok(address) = proxy.parse::<IpAddr>() {
        return Ok(address.to_canonical().into());
    }
    let range = proxy.parse().map_err(|_| why())?;
    let IpNet::V6(mapped) = range else { return Ok(range) };
    match (mapped.addr().to_ipv4_mapped(), mapped.prefix_len().checked_sub(96)) {
        (Some(address), Some(length)) => Ok(Ipv4Net::new(address, length).map_err(|_| why())?.into()),
        _ => Ok(range),
    }
}

fn refused(why: String) -> Error {
    session_core::Error::Config { field: "trusted_proxies", why }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies() -> Proxies {
        Proxies::new("x-real-ip", ["127.0.0.1", "10.0.0.0/8", "::1", "::ffff:172.16.0.0/108"]).unwrap()
    }

    /// Returns the visitor behind `peer`, with these lines of the header.
    fn visitor(peer: &str, lines: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-real-ip", line.as_bytes().try_into().unwrap());
        }
        proxies().visitor(peer.parse().unwrap(), &headers).map(|address| address.to_string())
    }

    #[test]
    fn the_right_most_address_that_is_no_proxy_is_the_visitors() {
        let table: &[(&str, &[&str], Option<&str>)] = &[
            ("192.0.2.9", &["192.0.2.1"], Some("192.0.2.9")),
            ("192.0.2.9", &["\u{fc}"], Some("192.0.2.9")),
            ("127.0.0.1", &["192.0.2.1"], Some("192.0.2.1")),
            ("172.31.0.1", &["192.0.2.1"], Some("192.0.2.1")),
            ("172.32.0.1", &["192.0.2.1"], Some("172.32.0.1")),
            ("::1", &["192.0.2.2,192.0.2.1 , 10.0.0.1"], Some("192.0.2.1")),
            ("::1", &["192.0.2.2", "192.0.2.1", "10.0.0.1,127.0.0.1"], Some("192.0.2.1")),
            ("::1", &["junk, \", 192.0.2.1"], Some("192.0.2.1")),
            ("::1", &["192.0.2.1, junk"], None),
            ("::1", &["192.0.2.1, unknown, 10.0.0.1"], None),
            ("::1", &["192.0.2.1,"], None),
            ("::1", &[""], None),
            ("::1", &[], None),
            ("::1", &["\u{fc}, 192.0.2.1"], None),
            ("::1", &["10.0.0.2, 10.0.0.1"], Some("10.0.0.2")),
            ("::1", &["2001:db8::1"], Some("2001:db8::1")),
            ("::1", &["[2001:db8::1]"], Some("2001:db8::1")),
            ("::1", &["[2001:db8::1]:443"], Some("2001:db8::1")),
            ("::1", &["192.0.2.1:443"], Some("192.0.2.1")),
            ("::1", &["::ffff:192.0.2.1, ::ffff:10.0.0.1"], Some("192.0.2.1")),
            ("::1", &["192.0.2.256"], None),
        ];
        for (peer, lines, expected) in table {
            assert_eq!(visitor(peer, lines).as_deref(), *expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        let refusals = [
            ("x forwarded", "10.0.0.0/8", "\"x forwarded\" is no name of a header"),
            ("Forwarded", "10.0.0.0/8", "let the proxy send `X-Forwarded-For`"),
            ("x-real-ip", "10.0.0.0/33", "\"10.0.0.0/33\" is neither an address nor a range"),
            ("x-real-ip", "proxy.example.com", "\"proxy.example.com\" is neither an address nor a range"),
        ];
        for (header, range, why) in refusals {
            let error = Proxies::new(header, [range]).unwrap_err().to_string();
            assert!(error.contains("`trusted_proxies`") && error.contains(why), "{error}");
        }
    }
}
