//! Answers of one line.

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::Markup;

use crate::page::page;

/// Answers with `text` alone, as the manuals show it, or with a page around it for a browser that asks for one.
pub(crate) fn line(
    headers: &HeaderMap,
    status: StatusCode,
    text: String,
    title: &str,
    body: &Markup,
) -> Response {
    let accepted = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accepted.contains("text/html") {
        (status, page(title, body)).into_response()
    } else {
        (status, text).into_response()
    }
}
