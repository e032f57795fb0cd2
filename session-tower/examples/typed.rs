//! `cargo run -p session-tower --example typed`, then open <http://127.0.0.1:8080/add/apples>.
//!
//! A struct as a part of the session. `/add/…` and `/gift` change it, `/` shows it.

use std::collections::BTreeMap;

use axum::{Router, extract::Path, response::Redirect, routing::get};
use serde::{Deserialize, Serialize};
use session_tower::{Config, Error, Session, SessionLayer, Sessions, Typed};
use store_memory::MemoryStore;
use tokio::net::TcpListener;

/// What the visitor wants to buy.
///
/// With `default` on the struct, carts that were kept before `gift` was added are still read.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Cart {
    items: BTreeMap<String, u32>,
    gift: bool,
}

impl Typed for Cart {
    const NAME: &'static str = "cart";
}

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
        .route("/add/{item}", get(add))
        .route("/gift", get(gift))
        .layer(SessionLayer::new(sessions)))
}

/// Whoever has no cart reads the default one, and nothing is stored for that.
async fn show(session: Session) -> Result<String, Error> {
    Ok(format!("{:?}\n", session.typed::<Cart>().read()?))
}

/// Two tabs that add at once both count, because the closure runs again on the newest cart.
async fn add(session: Session, Path(item): Path<String>) -> Result<Redirect, Error> {
    session.typed::<Cart>().update(move |cart| *cart.items.entry(item.clone()).or_default() += 1)?;
    Ok(Redirect::to("/"))
}

async fn gift(session: Session) -> Result<Redirect, Error> {
    session.typed::<Cart>().update(|cart| cart.gift = !cart.gift)?;
    Ok(Redirect::to("/"))
}
