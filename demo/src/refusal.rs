//! What is answered when it cannot be what was asked for.

use axum::{
    http::{HeaderValue, Response, StatusCode, header},
    response::{self, IntoResponse},
};
use maud::html;
use session_tower::{Error, session_core};

use crate::page::page;

/// Why a handler does not answer as asked.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The request is at fault: 400, with what to send instead.
    Request(String),
    /// Another site sent the browser: 403.
    OtherSite,
    /// The session is at fault: the layer answers, with [`failure`].
    Session(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Session(error @ session_core::Error::Invalid { .. }) => Self::Request(error.to_string()),
            error => Self::Session(error),
        }
    }
}

impl From<session_core::Error> for Refusal {
    fn from(error: session_core::Error) -> Self {
        Error::from(error).into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> response::Response {
        match self {
            Self::Request(why) => {
                let body = html! { p { (why) } };
                (StatusCode::BAD_REQUEST, page("That cannot be answered", &body)).into_response()
            }
            Self::OtherSite => {
                let body = html! {
                    p { "Another site sent your browser here to change something. Nothing was changed." }
                    p { a href="/" { "Back to the start" } }
                };
                (StatusCode::FORBIDDEN, page("Not from our pages", &body)).into_response()
            }
            Self::Session(error) => error.into_response(),
        }
    }
}

/// Returns the page for everything that goes wrong between a request and its session.
pub(crate) fn failure(error: &Error) -> Response<String> {
    let body = html! {
        p { (error.text()) }
        p { a href="/" { "Back to the start" } }
    };
    let mut response = Response::new(page("Sorry", &body).into_string());
    *response.status_mut() = error.status();
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// Answers what no route answers.
pub(crate) async fn no_such_page() -> impl IntoResponse {
    (
        StatusCode::NOT_FOUND,
        page("There is no such page", &html! { p { a href="/" { "Back to the start" } } }),
    )
}
