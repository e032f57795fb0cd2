//! Server-side web sessions that lose nothing: values, rules and one trait.
//!
//! A visitor gets a ticket in a cookie; the server keeps what belongs to it in a [`Store`]. The application reads and
//! writes values as if they were local, and [`Session::commit`] merges them with what other requests did meanwhile.
//!
//! ```
//! use session_core::{Config, CookieChange, Sessions};
//! use store_memory::MemoryStore;
//!
//! # pollster::block_on(async {
//! let sessions = Sessions::new(MemoryStore::new(), Config::default())?.initial("count", &0)?;
//!
//! let session = sessions.open(&["theme=dark"], None).await?; // The request's `Cookie` headers.
//! session.update("count", |count: &mut u64| *count += 1)?;
//! if let CookieChange::Set(cookie) = session.finish().await? {
//!     assert!(cookie.as_str().starts_with("__Host-id=")); // The response's `Set-Cookie` header.
//! }
//! # Ok::<(), session_core::Error>(()) }).unwrap();
//! ```
//!
//! # What is promised
//!
//! - **Nothing is lost.** Changes of parallel requests to one session are merged, across processes: different names never
//!   clash, and [`Session::update`] adds up. No request waits for another's handler.
//! - **Killed stays killed.** Once the commit of a [`Session::kill`] returned, no request in flight and no crash revives the
//!   session.
//! - **`Ok` means kept,** as far as the store promises; what is not known to be kept is an error that says so.
//! - **A login cannot be stolen or undone** by a request that still holds the old ticket.
//!
//! # Who needs what
//!
//! An application takes `session-tower` and a store. This crate is for those who write a [`Store`], or bring sessions to
//! another kind of server: it needs no runtime, sets no timer and does no I/O.

mod clock;
mod commit;
mod config;
mod context;
mod cookie;
mod error;
mod event;
mod frame;
mod initial;
mod record;
mod session;
mod sessions;
mod store;
mod ticket;
mod timestamp;
mod value;

pub use crate::{
    clock::{Clock, ManualClock, SystemClock},
    config::{Config, SameSite, SecretKey},
    cookie::{CookieChange, SetCookie},
    error::{Error, Outcome, Result},
    initial::Initial,
    record::{Expect, Owner, Record, Revision, Stored},
    session::{Found, Session, Shut, Typed, TypedValue},
    sessions::{Listed, Sessions},
    store::{AtOnce, Directory, Object, Objects, Store, Teller, tell_evicted},
    ticket::{Key, SessionId},
    timestamp::Timestamp,
};
