//! The login of the web.py manual.

use axum::{http::HeaderMap, response::Redirect};
use maud::{Markup, html};
use session_tower::{Error, Session};

use crate::{device, page::page, parameters::Parameters, refusal::Refusal};

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
            p { a href="/login" { "Log in" } }
            form action="/login" method="post" {
                label { "Or under a name" input name="user" value="visitor" maxlength="80" required; }
                button { "Log in" }
            }
        },
    };
    Ok(page("Login", &body))
}

/// Logs the visitor in, under a new ticket.
pub(crate) async fn login(
    session: Session,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Redirect, Refusal> {
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
