//! The counter on axum alone: one number for everybody, no session, no cookie.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{Router, extract::State, routing::get};
use harness::Counted;

type Count = State<Arc<AtomicU64>>;

pub(crate) async fn serve() {
    let router = Router::new()
        .route(Counted::COUNT, get(count))
        .route(Counted::SLOWLY, get(count_slowly))
        .route(Counted::READ, get(read))
        .with_state(Arc::default());
    harness::serve(router).await;
}

async fn count(State(count): Count) -> String {
    (count.fetch_add(1, Ordering::Relaxed) + 1).to_string()
}

async fn count_slowly(count: Count) -> String {
    Counted::elsewhere().await;
    self::count(count).await
}

async fn read(State(count): Count) -> String {
    count.load(Ordering::Relaxed).to_string()
}
