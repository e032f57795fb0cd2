//! The counter application on tower-sessions.

use axum::{Router, http::StatusCode, routing::get};
use harness::Counted;
use tower_sessions::{Session, SessionManagerLayer};

use crate::open::Fit;

pub(crate) async fn serve(store: impl Fit) {
    let router = Router::new()
        .route(Counted::COUNT, get(count))
        .route(Counted::SLOWLY, get(count_slowly))
        .route(Counted::READ, get(read))
        .layer(SessionManagerLayer::new(store).with_secure(false));
    harness::serve(router).await;
}

async fn count(session: Session) -> Result<String, StatusCode> {
    let count = stored(&session).await? + 1;
    session.insert("count", count).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(count.to_string())
}

async fn count_slowly(session: Session) -> Result<String, StatusCode> {
    stored(&session).await?;
    Counted::elsewhere().await;
    count(session).await
}

async fn read(session: Session) -> Result<String, StatusCode> {
    Ok(stored(&session).await?.to_string())
}

async fn stored(session: &Session) -> Result<u64, StatusCode> {
    let count = session.get("count").await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(count.unwrap_or_default())
}
