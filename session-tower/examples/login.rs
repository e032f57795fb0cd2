//! `cargo run -p session-tower --example login`, then open <http://127.0.0.1:8080> and log in as ada, password lovelace.
//!
//! A login that puts a new ticket in force, a renewal of the ticket, and a logout that is final. Every form brings a token
//! of its session, so that no other site can send it.

use axum::{
    Form, Router,
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use session_tower::{Config, Error, Session, SessionLayer, Sessions};
use store_memory::MemoryStore;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    Ok(axum::serve(listener, application()?).await?)
}

/// Returns the application, with sessions in memory.
pub(crate) fn application() -> Result<Router, Error> {
    let sessions = Sessions::new(MemoryStore::new(), Config::plain_http())?;
    Ok(Router::new()
        .route("/", get(home))
        .route("/login", post(login))
        .route("/renew", post(renew))
        .route("/logout", post(logout))
        .layer(SessionLayer::new(sessions)))
}

#[derive(Deserialize)]
struct Login {
    csrf: String,
    user: String,
    password: String,
}

/// What every form brings.
#[derive(Deserialize)]
struct Sent {
    csrf: String,
}

async fn home(session: Session) -> Result<Html<String>, Error> {
    if session.is_new() {
        // A token belongs to a stored session.
        session.insert("visits", &0)?;
        session.commit().await?;
    }
    let csrf = format!(r#"<input type="hidden" name="csrf" value="{}">"#, session.csrf_token()?);
    Ok(Html(match session.owner() {
        // An owner is one of the names below; what people choose freely must be escaped.
        Some(owner) => format!(
            r#"<p>You are logged in as {}.</p>
            <form method="post" action="/renew">{csrf}<button>Renew the ticket</button></form>
            <form method="post" action="/logout">{csrf}<button>Log out</button></form>"#,
            owner.as_str()
        ),
        None => format!(
            r#"<p>You are not logged in.</p><form method="post" action="/login">{csrf}
            <input name="user"> <input name="password" type="password"> <button>Log in</button></form>"#
        ),
    }))
}

async fn login(session: Session, Form(login): Form<Login>) -> Result<Response, Error> {
    session.check_csrf_token(&login.csrf)?;
    // An application keeps slow hashes of passwords, such as Argon2.
    if (login.user.as_str(), login.password.as_str()) != ("ada", "lovelace") {
        return Ok((StatusCode::UNAUTHORIZED, "There is no such user with this password.\n").into_response());
    }
    // From here on the ticket of before opens nothing, whoever else may know it.
    session.login("ada")?;
    Ok(Redirect::to("/").into_response())
}

/// The ticket of before serves the requests that are on their way, and then opens nothing.
async fn renew(session: Session, Form(sent): Form<Sent>) -> Result<Redirect, Error> {
    session.check_csrf_token(&sent.csrf)?;
    session.rotate();
    Ok(Redirect::to("/"))
}

async fn logout(session: Session, Form(sent): Form<Sent>) -> Result<Redirect, Error> {
    session.check_csrf_token(&sent.csrf)?;
    session.kill();
    Ok(Redirect::to("/"))
}
