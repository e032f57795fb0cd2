//! `cargo run -p session-tower --example counter`, then open <http://127.0.0.1:8080> and reload.
//!
//! A counter on axum. `/` adds one, `/reset` begins anew.

use axum::{Router, response::Redirect, routing::get};
use session_tower::{Config, Error, Session, SessionLayer, Sessions};
use store_memory::MemoryStore;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    Ok(axum::serve(listener, application()?).await?)
}

/// Returns the application, with sessions in memory. Another store is another line.
pub(crate) fn application() -> Result<Router, Error> {
    let sessions = Sessions::new(MemoryStore::new(), Config::plain_http())?.initial("count", &0)?;
    Ok(Router::new().route("/", get(count)).route("/reset", get(reset)).layer(SessionLayer::new(sessions)))
}

/// However many tabs reload at once, none of their counts is lost.
async fn count(session: Session) -> Result<String, Error> {
    session.update("count", |count: &mut u64| *count += 1)?;
    // Committed here, the number below is the one that was kept.
    session.commit().await?;
    Ok(format!("{}\n", session.get::<u64>("count")?.unwrap_or(0)))
}

async fn reset(session: Session) -> Redirect {
    session.kill();
    Redirect::to("/")
}
