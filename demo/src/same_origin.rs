//! A POST comes from our own pages.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::refusal::Refusal;

/// Refuses a POST that a page of another site made the browser send, before it has a session.
///
/// Browsers say so themselves, and a page cannot make them lie. What says nothing is no browser, and nobody's cookie is
/// abused by it.
pub(crate) async fn check(request: Request, next: Next) -> Response {
    if request.method() == Method::POST && !is_same_origin(request.uri(), request.headers()) {
        return Refusal::OtherSite.into_response();
    }
    next.run(request).await
}

fn is_same_origin(uri: &Uri, headers: &HeaderMap) -> bool {
    // `none` is the visitor's own doing, such as sending a form once more.
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = uri.authority().map(Authority::as_str).or(host);
    // Behind a proxy with TLS we see another scheme than the browser.
    matches!((origin, host), (Some((_, origin)), Some(host)) if origin.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_ours(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        is_same_origin(&Uri::from_static("/devices/end"), &headers.collect())
    }

    #[test]
    fn the_browser_says_where_a_post_comes_from() {
        const HOST: (&str, &str) = ("host", "shop.example:8080");
        for (headers, expected) in [
            (&[HOST][..], true),
            (&[HOST, ("sec-fetch-site", "same-origin")], true),
            (&[HOST, ("sec-fetch-site", "none")], true),
            (&[HOST, ("sec-fetch-site", "same-site")], false),
            (&[HOST, ("sec-fetch-site", "cross-site")], false),
            (&[HOST, ("sec-fetch-site", "cross-site"), ("origin", "http://shop.example:8080")], false),
            (&[HOST, ("origin", "http://shop.example:8080")], true),
            (&[HOST, ("origin", "https://Shop.Example:8080")], true),
            (&[HOST, ("origin", "http://shop.example")], false),
            (&[HOST, ("origin", "http://shop.example:8080.evil.example")], false),
            (&[HOST, ("origin", "null")], false),
            (&[("origin", "http://shop.example:8080")], false),
        ] {
            assert_eq!(is_ours(headers), expected, "{headers:?}");
        }
    }
}
