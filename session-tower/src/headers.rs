//! What the layer writes into the head of a response.

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CACHE_CONTROL, SET_COOKIE, VARY},
};
use session_core::{CookieChange, SetCookie};

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// Writes the cookie, and what a cache must know of a response that had a session.
pub(crate) fn write(headers: &mut HeaderMap, cookie: &CookieChange) {
    match cookie {
        CookieChange::Set(cookie) | CookieChange::Remove(cookie) => {
            headers.append(SET_COOKIE, value(cookie));
            // A cache that kept it would hand one visitor's ticket to another.
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        CookieChange::Keep => {
            headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
        }
    }
    if !varies_by_cookie(headers) {
        headers.append(VARY, HeaderValue::from_static("Cookie"));
    }
}

/// Lets the browser forget what the site cached and stored, unless the handler said what to forget.
pub(crate) fn clear_site_data(headers: &mut HeaderMap) {
    headers.entry(CLEAR_SITE_DATA).or_insert(HeaderValue::from_static(r#""cache", "storage""#));
}

fn value(cookie: &SetCookie) -> HeaderValue {
    let mut value =
        HeaderValue::from_str(cookie.as_str()).expect("a valid configuration renders as printable ASCII");
    value.set_sensitive(true);
    value
}

fn varies_by_cookie(headers: &HeaderMap) -> bool {
    let names =
        headers.get_all(VARY).into_iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    names.map(<[u8]>::trim_ascii).any(|name| name == b"*" || name.eq_ignore_ascii_case(b"cookie"))
}
