//! The login of the web.py manual.

use axum::{
    http::{HeaderMap, Method},
    response::Redirect,
};
use maud::{Markup, html};
use session_tower::{Error, Session};

use crate::{csrf, device, page::page, parameters::Parameters, refusal::Refusal};

/// Says whether the visitor is logged in.
pub(crate) async fn home(session: Session) -> Result<Markup, Error> {
    let body = match session.get("logged_in")? {
        Some(true) => {
            let owner = session.owner();
            html! {
                p { "You are logged in" @if let Some(owner) = &owner { " as " strong { (owner.as_str()) } } "." }
                p { a href="/devices" { "Your devices" } }
                p { a href="/logout" { "Log out" } }
            }
        }
        Some(false) | None => html! {
            p { "You are not logged in." }
            p { a href="/login" { "Log in" } " as a visitor, or " a href="/login/form" { "under a name" } "." }
        },
    };
    Ok(page("Login", &body))
}

/// Asks for the name to log in under. Its form needs a session, so it is not on the page that everybody comes to.
pub(crate) async fn form(session: Session) -> Result<Markup, Error> {
    let body = html! {
        form action="/login" method="post" {
            (csrf::field(&session).await?)
            label { "Name" input name="user" value="visitor" maxlength="80" autocomplete="username" required; }
            button { "Log in" }
        }
    };
    Ok(page("Log in", &body))
}

/// Logs the visitor in, under a new ticket.
pub(crate) async fn login(
    method: Method,
    session: Session,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Redirect, Refusal> {
    csrf::check_post(&method, &session, &parameters)?;
    session.login(&parameters.text("user", Some("visitor"))?)?;
    // For the list of devices; another user's session would not take over the label either.
    session.set_label(&device::label(&headers))?;
    session.insert("logged_in", &true)?;
    Ok(Redirect::to("/"))
}

/// Ends the session.
pub(crate) async fn logout(session: Session) -> Redirect {
    session.kill();
    Redirect::to("/")
}
