//! A new ticket for the same session.

use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};
use maud::html;
use session_tower::Session;

use crate::line::line;

/// Replaces the ticket; everything else stays.
pub(crate) async fn renew(session: Session, headers: HeaderMap) -> Response {
    session.rotate();
    let text = "The session has a new ticket.";
    line(&headers, StatusCode::OK, text.into(), "Renewal", &html! { p { (text) } })
}
