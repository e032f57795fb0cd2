//! The counter of the web.py manual.

use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};
use maud::html;
use session_tower::{Error, Session};

use crate::line::line;

/// Adds one, and answers the number that was kept.
pub(crate) async fn count(session: Session, headers: HeaderMap) -> Result<Response, Error> {
    session.update("count", |count: &mut u64| *count += 1)?;
    session.commit().await?;
    let count = session.get::<u64>("count")?.unwrap_or_default().to_string();
    let body = html! {
        p { "This session has counted to " strong { (count) } "." }
        p { a href="/count" { "Once more" } ", or " a href="/reset" { "start over" } "." }
    };
    Ok(line(&headers, StatusCode::OK, count, "Counter", &body))
}

/// Ends the session.
pub(crate) async fn reset(session: Session, headers: HeaderMap) -> Response {
    session.kill();
    let text = "The session has ended.";
    let body = html! {
        p { (text) }
        p { a href="/count" { "Count from one" } }
    };
    line(&headers, StatusCode::OK, text.into(), "Counter", &body)
}
