//! The form of the Karrigell manual: two pages that remember a name, and a third that closes the session.

use axum::http::Method;
use maud::{Markup, html};
use session_tower::{Error, Session};

use crate::{csrf, page::page, parameters::Parameters, refusal::Refusal};

/// Asks for a name, and begins the session.
pub(crate) async fn form(session: Session) -> Result<Markup, Error> {
    let body = html! {
        form action="/start" method="post" {
            (csrf::field(&session).await?)
            label { "Name" input name="name" maxlength="80" autocomplete="family-name" required; }
            label { "First name" input name="first_name" maxlength="80" autocomplete="given-name" required; }
            button { "Start" }
        }
    };
    Ok(page("Who are you?", &body))
}

/// Keeps the name in the session.
pub(crate) async fn start(
    method: Method,
    session: Session,
    parameters: Parameters,
) -> Result<Markup, Refusal> {
    csrf::check_post(&method, &session, &parameters)?;
    let (name, first_name) = (parameters.text("name", None)?, parameters.text("first_name", None)?);
    session.insert("name", &name)?;
    session.insert("first_name", &first_name)?;
    let body = html! {
        p { "Hello " strong { (first_name) } ". Your name is kept in the session." }
        p { a href="/next" { "Next" } }
    };
    Ok(page("The session has started", &body))
}

/// Shows the name that the session kept, and closes the session.
pub(crate) async fn next(session: Session) -> Result<Markup, Error> {
    let (name, first_name) = (session.get::<String>("name")?, session.get::<String>("first_name")?);
    let (Some(name), Some(first_name)) = (name, first_name) else { return Ok(nothing()) };
    session.kill();
    let body = html! {
        p { "The session remembered you:" }
        dl {
            dt { "Name" } dd { (name) }
            dt { "First name" } dd { (first_name) }
        }
        p { "It is closed now." }
        p { a href="/next" { "Look again" } }
    };
    Ok(page("Welcome back", &body))
}

fn nothing() -> Markup {
    let body = html! {
        p { "There is no such value: the session has no " code { "name" } ", because it was closed or never started." }
        p { a href="/form" { "Start again" } }
    };
    page("Nothing is kept", &body)
}
