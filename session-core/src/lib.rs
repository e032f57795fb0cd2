//! Server-side web sessions: values, rules and one trait, without a runtime, a timer or I/O.

mod clock;
mod config;
mod cookie;
mod error;
mod record;
mod store;
mod ticket;
mod timestamp;

pub use crate::{
    clock::{Clock, ManualClock, SystemClock},
    config::{Config, SameSite, SecretKey},
    cookie::{CookieChange, SetCookie},
    error::{Error, Outcome, Result},
    record::{Expect, Owner, Record, Revision, Stored},
    store::{Directory, Object, Objects, Store},
    ticket::Key,
    timestamp::Timestamp,
};
