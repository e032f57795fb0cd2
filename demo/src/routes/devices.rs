//! Where a visitor is logged in, and how to end that elsewhere.

use axum::{extract::State, response::Redirect};
use maud::{Markup, html};
use session_tower::{Clock, Error, Key, Listed, Session, Sessions, SystemClock, Timestamp};

use crate::{
    csrf,
    elapsed::ago,
    page::{hidden, page},
    parameters::Parameters,
    refusal::Refusal,
};

/// Lists the sessions of the visitor, the last used one first.
pub(crate) async fn list(State(sessions): State<Sessions>, session: Session) -> Result<Markup, Error> {
    let Some(owner) = session.owner() else { return Ok(nobody()) };
    let (listed, token) = (sessions.owned_by(owner.as_str()).await?, csrf::field(&session).await?);
    let now = SystemClock.now();
    let body = html! {
        p { strong { (owner.as_str()) } " is logged in here:" }
        ul.devices {
            @for one in &listed { (device(one, session.key() == Some(one.key), &token, now)) }
        }
        @if listed.len() > 1 {
            form action="/devices/end-others" method="post" {
                (token)
                button { "End all others" }
            }
        }
    };
    Ok(page("Devices", &body))
}

/// Ends one session of the visitor.
pub(crate) async fn end(
    State(sessions): State<Sessions>,
    session: Session,
    parameters: Parameters,
) -> Result<Redirect, Refusal> {
    let owner = checked(&session, &parameters)?;
    let key: Key = parameters.text("key", None)?.parse()?;
    if session.key() == Some(key) {
        session.kill();
        return Ok(Redirect::to("/"));
    }
    // Where there is none any more, there is nothing left to do.
    sessions.revoke(&owner, &key).await?;
    Ok(Redirect::to("/devices"))
}

/// Ends all sessions of the visitor but this one.
pub(crate) async fn end_others(
    State(sessions): State<Sessions>,
    session: Session,
    parameters: Parameters,
) -> Result<Redirect, Refusal> {
    checked(&session, &parameters)?;
    sessions.revoke_others(&session).await?;
    Ok(Redirect::to("/devices"))
}

/// Returns whose sessions these are, if the form is one of this session's pages.
fn checked(session: &Session, parameters: &Parameters) -> Result<String, Refusal> {
    csrf::check(session, parameters)?;
    // Visitors who are not logged in have tokens too, but no list.
    let owner = session.owner().ok_or_else(|| Refusal::Request("You are not logged in.".into()))?;
    Ok(owner.as_str().into())
}

fn device(listed: &Listed, is_this: bool, token: &Markup, now: Timestamp) -> Markup {
    let label = listed.label.as_deref().unwrap_or("A program");
    html! {
        li {
            div {
                strong { (label) }
                @if is_this { " " span.mark { "this one" } }
                small {
                    "Created " (ago(listed.created_at, now)) ", last seen " (ago(listed.accessed_at, now))
                }
                @if let Some(address) = listed.address { small { "From " (address) } }
            }
            form action="/devices/end" method="post" {
                (token)
                (hidden("key", &listed.key.to_string()))
                @if is_this { button.quiet { "Log out" } }
                @else { button.quiet aria-label=(format!("End {label}")) { "End" } }
            }
        }
    }
}

fn nobody() -> Markup {
    let body = html! {
        p { "You are not logged in, so this session is nobody's, and there is no list." }
        p { a href="/login/form" { "Log in" } ", here and in another browser, and look again." }
    };
    page("Devices", &body)
}
