//! How the layer answers an error.

use std::{fmt, mem, sync::Arc};

use http::{
    HeaderValue, Response,
    header::{CACHE_CONTROL, CONTENT_LENGTH},
};

use session_core::Key;

use crate::Error;

/// Makes the page for an error.
pub(crate) type OnError = Arc<dyn Fn(&Error) -> Response<String> + Send + Sync>;

/// Carries an error from the handler to the layer, among the extensions of a response.
#[derive(Clone)]
pub(crate) struct Carried(Error);

impl Carried {
    pub(crate) fn put<B>(error: Error, response: &mut Response<B>) {
        response.extensions_mut().insert(Self(error));
    }

    pub(crate) fn take<B>(response: &mut Response<B>) -> Option<Error> {
        response.extensions_mut().remove().map(|Self(error)| error)
    }
}

/// Logs an error that a request on the session called `key` is answered with, and what caused it.
pub(crate) fn log(error: &Error, key: Option<Key>) {
    let (causes, key) = (Causes(error), key.map(tracing::field::display));
    match error {
        // `session-core` has told why, with the session's key.
        Error::Expired(_) => {
            tracing::debug!(event = "expired", reason = %causes, "a visitor was turned away");
        }
        Error::Refused(_) | Error::Forged => {
            tracing::debug!(event = "refused", key, reason = %causes, "a visitor was turned away");
        }
        // A visitor can end the own session while a request is under way, as often as he likes.
        Error::Session(session_core::Error::Gone) => {
            tracing::debug!(event = "failed", key, error = %causes, "a request failed for its session");
        }
        _ => tracing::error!(event = "failed", key, error = %causes, "a request failed for its session"),
    }
}

/// Returns `page` as the response.
pub(crate) fn page<B: From<String>>(page: Response<String>) -> Response<B> {
    let mut page = page.map(B::from);
    page.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    drop(Carried::take(&mut page));
    page
}

/// Makes `response` the page, and leaves the headers that others gave it.
pub(crate) fn put<B: From<String>>(page: Response<String>, response: &mut Response<B>) {
    let mut page = self::page(page);
    let mut headers = mem::take(response.headers_mut());
    headers.remove(CONTENT_LENGTH);
    for name in page.headers().keys() {
        headers.remove(name);
    }
    headers.extend(mem::take(page.headers_mut()));
    *page.headers_mut() = headers;
    mem::swap(page.extensions_mut(), response.extensions_mut());
    *response = page;
}

/// Shows an error and its causes in one line.
pub(crate) struct Causes<'a>(pub(crate) &'a dyn std::error::Error);

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
