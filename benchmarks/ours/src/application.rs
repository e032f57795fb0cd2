//! The counter application on our sessions.

use axum::{Router, routing::get};
use harness::Counted;
use session_tower::{Config, Error, Session, SessionLayer, Sessions};

use crate::{open, sql};

/// Serves the counter with sessions in the store called `name`.
pub(crate) async fn serve(name: &str, place: &str) {
    let store = open::shared(name, place).await;
    let sessions = Sessions::shared(store, Config::plain_http()).unwrap();
    let router = Router::new()
        .route(Counted::COUNT, get(count))
        .route(Counted::SLOWLY, get(count_slowly))
        .route(Counted::READ, get(read))
        .layer(SessionLayer::new(sessions));
    harness::serve(router).await;
    sql::clean_up(name, place).await;
}

async fn count(session: Session) -> Result<String, Error> {
    session.update("count", |count: &mut u64| *count += 1)?;
    read(session).await
}

async fn count_slowly(session: Session) -> Result<String, Error> {
    session.get::<u64>("count")?;
    Counted::elsewhere().await;
    count(session).await
}

async fn read(session: Session) -> Result<String, Error> {
    Ok(session.get::<u64>("count")?.unwrap_or_default().to_string())
}
