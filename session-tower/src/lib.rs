//! Server-side web sessions for [tower] services and [axum] applications.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use session_tower::{Config, Error, Session, SessionLayer, Sessions};
//!
//! async fn count(session: Session) -> Result<String, Error> {
//!     session.update("count", |count: &mut u64| *count += 1)?;
//!     session.commit().await?;
//!     Ok(session.get::<u64>("count")?.unwrap_or(0).to_string())
//! }
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let sessions = Sessions::new(store_memory::MemoryStore::new(), Config::plain_http())?;
//!     let app = Router::new().route("/", get(count)).layer(SessionLayer::new(sessions));
//!     Ok(axum::serve(tokio::net::TcpListener::bind("127.0.0.1:8080").await?, app).await?)
//! }
//! ```
//!
//! This crate and a store are all an application needs.
//!
//! - [`SessionLayer`] goes around the application. A request that asks for no session costs nothing in the store, and
//!   its response is left as it is.
//! - [`Session`] is the handle, and an extractor of axum. Elsewhere, [`LazySession`] is among the request's extensions.
//! - [`Typed`] makes a struct a part of the session, and [`Session::check_csrf_token`] refuses forms of other sites.
//! - [`Error`] is what a handler's `?` returns; the layer answers it, in one place.
//! - [`sweep_every`] deletes dead sessions.
//!
//! # What the layer does
//!
//! The session is loaded when it is first asked for, once per request. When the handler is done, its changes are
//! committed before the head of the response leaves, so that the next request sees them:
//!
//! | the handler | its changes | its `kill` |
//! |---|---|---|
//! | answers below 500 | are kept | is done |
//! | answers 500 or above | are dropped, but for what it committed itself | is done |
//! | panics, or the client goes away | are dropped, but for what it committed itself | is dropped |
//!
//! The cookie is set when a session is created, rotated or logged in, and removed when it is killed. Such a response is
//! `Cache-Control: no-store`, whatever the handler wrote. Any other response that loaded a session is
//! `private, no-cache` unless the handler set its own, and every one that loaded a session varies by `Cookie`.
//!
//! A store that fails, or makes one request wait longer than `store_timeout` in all, is answered with 503, and never
//! with an empty session that would overwrite a good one; [`SessionLayer::on_error`] replaces the page. A request that
//! has changed nothing is served even if it cannot be noted that its session was used: that is a warning.
//!
//! A handle that is kept beyond the response, by a WebSocket or a background task, works on, and commits itself;
//! what it leaves uncommitted is lost with a warning.
//!
//! # Features
//!
//! Both are on by default. `axum` makes [`Session`] an extractor and [`Error`] a response. `connect-info` takes
//! the visitor's address from `axum::extract::ConnectInfo`; without it, [`PeerAddress`] tells. Timers are tokio's, so
//! the runtime must have its time driver on.
//!
//! [tower]: https://docs.rs/tower
//! [axum]: https://docs.rs/axum

mod address;
mod answer;
mod error;
#[cfg(feature = "axum")]
mod extract;
mod future;
mod headers;
mod layer;
mod lazy;
mod patience;
mod proxies;
mod service;
mod session;
mod sweep;
mod visit;

pub use session_core::{
    self, Clock, Config, Found, Initial, Key, Listed, ManualClock, Outcome, Owner, SameSite, SecretKey,
    Sessions, Shut, Store, SystemClock, Timestamp, Typed, TypedValue,
};

pub use crate::{
    address::PeerAddress, error::Error, future::ResponseFuture, layer::SessionLayer, lazy::LazySession,
    service::SessionService, session::Session, sweep::sweep_every,
};

/// The programs of the README and of the pages in `docs/`.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../README.md")]
    struct Readme;
    #[doc = include_str!("../../docs/eviction.md")]
    struct Eviction;
    #[doc = include_str!("../../docs/from-actix-session.md")]
    struct FromActixSession;
    #[doc = include_str!("../../docs/from-karrigell.md")]
    struct FromKarrigell;
    #[doc = include_str!("../../docs/from-tower-sessions.md")]
    struct FromTowerSessions;
    #[doc = include_str!("../../docs/from-webpy.md")]
    struct FromWebpy;
    #[doc = include_str!("../../docs/reloader.md")]
    struct Reloader;
    #[doc = include_str!("../../docs/standards.md")]
    struct Standards;
}
