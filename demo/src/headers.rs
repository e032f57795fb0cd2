//! Headers of every response.

use axum::{
    http::{HeaderValue, header},
    response::Response,
};

/// Own pages, own style, own frames, and nothing else: a value that slipped through unescaped could not run.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'self'",
);

/// Adds what keeps browsers from guessing, embedding and telling others where a visitor came from.
pub(crate) async fn add(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}
