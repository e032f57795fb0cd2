//! Server-side web sessions: values, rules and one trait, without a runtime, a timer or I/O.

mod clock;
mod commit;
mod config;
mod context;
mod cookie;
mod error;
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
    session::{Found, Session, Shut},
    sessions::{Listed, Sessions},
    store::{Directory, Object, Objects, Store},
    ticket::{Key, SessionId},
    timestamp::Timestamp,
};
