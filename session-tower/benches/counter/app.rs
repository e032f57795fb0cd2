//! The two applications.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{Router, extract::State, routing::get};
use session_tower::{Config, Error, Session, SessionLayer, Sessions};
use store_memory::MemoryStore;

#[derive(Clone, Copy, Debug)]
pub(crate) enum App {
    /// One number for everybody, in the memory of the process.
    Plain,
    /// A number for each visitor, in the session.
    Sessions,
}

impl App {
    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "plain" => Self::Plain,
            "sessions" => Self::Sessions,
            _ => panic!("an application is plain or sessions"),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Sessions => "sessions",
        }
    }

    pub(crate) fn router(self) -> Router {
        match self {
            Self::Plain => Router::new().route("/", get(plain)).with_state(Arc::default()),
            Self::Sessions => {
                let sessions = Sessions::new(MemoryStore::new(), Config::plain_http()).unwrap();
                // With a state, be it none, axum sets the route up once and not for every call, as for the other one;
                // a server does that by itself.
                Router::new().route("/", get(count)).layer(SessionLayer::new(sessions)).with_state(())
            }
        }
    }
}

async fn plain(State(count): State<Arc<AtomicU64>>) -> String {
    (count.fetch_add(1, Ordering::Relaxed) + 1).to_string()
}

/// The handler of the front page.
async fn count(session: Session) -> Result<String, Error> {
    session.update("count", |count: &mut u64| *count += 1)?;
    session.commit().await?;
    Ok(session.get::<u64>("count")?.unwrap_or(0).to_string())
}
