//! `cargo run -p session-tower --example background`, then open <http://127.0.0.1:8080/start>.
//!
//! A task that goes on after the response and says in the session how far it is. A WebSocket does the same: it keeps
//! the handle of the request that opened it.

use std::time::Duration;

use axum::{Router, response::Html, response::Redirect, routing::get};
use session_tower::{Config, Error, Session, SessionLayer, Sessions};
use store_memory::MemoryStore;
use tokio::{net::TcpListener, time::sleep};

const STEPS: u32 = 10;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    Ok(axum::serve(listener, application()?).await?)
}

/// Returns the application, with sessions in memory.
pub(crate) fn application() -> Result<Router, Error> {
    let sessions = Sessions::new(MemoryStore::new(), Config::plain_http())?;
    Ok(Router::new()
        .route("/", get(show))
        .route("/start", get(start))
        .route("/forget", get(forget))
        .layer(SessionLayer::new(sessions)))
}

async fn start(session: Session) -> Result<Redirect, Error> {
    session.insert("done", &0)?;
    // Stored before the task begins, and the cookie goes out with this response.
    session.commit().await?;
    tokio::spawn(async move {
        // The visitor who forgets the session ends the task, and the task does not bring the session back.
        while work(&session).await.is_ok_and(|done| done < STEPS) {}
    });
    Ok(Redirect::to("/"))
}

/// Does one step, and keeps that it is done; whatever other requests keep meanwhile stays.
async fn work(session: &Session) -> Result<u32, Error> {
    sleep(Duration::from_millis(500)).await;
    session.update("done", |done: &mut u32| *done += 1)?;
    // After the response nobody else commits.
    session.commit().await?;
    Ok(session.get("done")?.unwrap_or(STEPS))
}

async fn show(session: Session) -> Result<Html<String>, Error> {
    let text = match session.get::<u32>("done")? {
        Some(done) => format!("<p>{done} of {STEPS} steps are done."),
        None => "<p>Nothing was started.".into(),
    };
    Ok(Html(format!(
        r#"{text} <a href="/">Look again</a>, <a href="/start">start</a>, <a href="/forget">forget</a></p>"#
    )))
}

async fn forget(session: Session) -> Redirect {
    session.kill();
    Redirect::to("/")
}
