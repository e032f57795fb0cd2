//! The application that most tests visit.

use axum::{Router, routing::get};
use session_tower::{Error, Session};

/// `/count` counts, `/read` reads the count, `/kill` ends the session, `/renew` and `/login` renew the ticket, and `/plain`
/// has no session.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/count", get(count))
        .route("/read", get(read))
        .route("/kill", get(async |session: Session| session.kill()))
        .route("/renew", get(async |session: Session| session.rotate()))
        .route("/login", get(async |session: Session| session.login("ada").unwrap()))
        .route("/plain", get(async || "plain"))
}

pub(crate) fn add(session: &Session) -> Result<(), Error> {
    Ok(session.update("count", |count: &mut u64| *count += 1)?)
}

pub(crate) async fn count(session: Session) -> Result<String, Error> {
    add(&session)?;
    session.commit().await?;
    read(session).await
}

async fn read(session: Session) -> Result<String, Error> {
    Ok(session.get::<u64>("count")?.unwrap_or(0).to_string())
}
