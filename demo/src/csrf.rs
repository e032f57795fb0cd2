//! Telling our own forms from those of other sites, by a token of the session.

use axum::http::Method;
use maud::Markup;
use session_tower::{Error, Session, session_core};

use crate::{page::hidden, parameters::Parameters, refusal::Refusal};

/// What the field is called.
const NAME: &str = "csrf";

/// What is kept of a visitor who got a form and nothing else yet.
const BEGUN: &str = "form";

/// Returns the field that a form of this session has to bring.
///
/// A token is derived from a stored session, so a form is where a new visitor gets one.
pub(crate) async fn field(session: &Session) -> Result<Markup, Error> {
    if session.is_new() {
        session.insert(BEGUN, &true)?;
        session.commit().await?;
    }
    let token = session.csrf_token().map_err(|error| match error {
        // Somebody ended it meanwhile, or this request may not see it.
        session_core::Error::Missing => session_core::Error::Gone,
        error => error,
    })?;
    Ok(hidden(NAME, &token))
}

/// Refuses parameters without a token of this session.
pub(crate) fn check(session: &Session, parameters: &Parameters) -> Result<(), Refusal> {
    Ok(session.check_csrf_token(parameters.find(NAME)?.unwrap_or_default())?)
}

/// Refuses a posted form without a token of this session; what the manuals do by GET has none to bring.
pub(crate) fn check_post(method: &Method, session: &Session, parameters: &Parameters) -> Result<(), Refusal> {
    if method == Method::POST { check(session, parameters) } else { Ok(()) }
}
