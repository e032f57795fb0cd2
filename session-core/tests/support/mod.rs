//! A store that does what it is told, and a laboratory around it.

#![allow(dead_code, reason = "each test file uses a part of it")]

mod gate;
mod scripted;

use std::{future::Future, sync::Arc, time::Duration};

pub use self::{
    gate::Gate,
    scripted::{Fault, ScriptedStore},
};
use session_core::{
    Clock, Config, CookieChange, Found, ManualClock, Result, Session, Sessions, Timestamp,
};

/// Noon on the first day.
pub const NOON: Timestamp = Timestamp::from_millis(43_200_000);

/// Sessions on a scripted store, at a time that stands still.
#[derive(Clone, Debug)]
pub struct Lab {
    pub store: ScriptedStore,
    pub clock: Arc<ManualClock>,
    pub sessions: Sessions,
}

impl Lab {
    pub fn new() -> Self {
        Self::with(Config::default())
    }

    pub fn with(config: Config) -> Self {
        Self::on(ScriptedStore::default(), config)
    }

    pub fn on(store: ScriptedStore, config: Config) -> Self {
        let clock = Arc::new(ManualClock::new(NOON));
        let sessions = Sessions::new(store.clone(), config).unwrap().with_clock(clock.clone());
        Self { store, clock, sessions }
    }

    /// Returns another process on the same store: nothing of this one's is combined with it.
    pub fn other_process(&self) -> Self {
        let sessions = Sessions::new(self.store.clone(), self.sessions.config().clone()).unwrap();
        Self { sessions: sessions.with_clock(self.clock.clone()), ..self.clone() }
    }

    /// Opens the session of a browser that holds `cookie`, as the value of a `Cookie` header.
    pub fn open(&self, cookie: &str) -> Session {
        pollster::block_on(self.sessions.open(&[cookie], None)).unwrap()
    }

    /// Lets a new visitor keep `count` = 0 and returns the cookie.
    pub fn visitor(&self) -> String {
        let session = self.open("");
        session.insert("count", &0).unwrap();
        finish(&session)
    }

    /// Lets a new visitor log in as `owner` and returns the cookie.
    pub fn user(&self, owner: &str) -> String {
        let session = self.open(&self.visitor());
        session.login(owner).unwrap();
        finish(&session)
    }

    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns the count that a browser with `cookie` finds.
    pub fn count(&self, cookie: &str) -> Option<u64> {
        self.open(cookie).get("count").unwrap()
    }

    pub fn found(&self, cookie: &str) -> Found {
        self.open(cookie).found()
    }
}

pub fn add_one(session: &Session) {
    session.update("count", |count: &mut u64| *count += 1).unwrap();
}

pub fn commit(session: &Session) -> Result<()> {
    pollster::block_on(session.commit())
}

/// Finishes a request that must set a cookie, and returns that as the browser sends it.
#[track_caller]
pub fn finish(session: &Session) -> String {
    cookie_of(&pollster::block_on(session.finish()).unwrap())
}

/// Finishes a request that must leave the browser's cookie alone.
#[track_caller]
pub fn finish_quietly(session: &Session) {
    assert_eq!(pollster::block_on(session.finish()).unwrap(), CookieChange::Keep);
}

#[track_caller]
pub fn cookie_of(change: &CookieChange) -> String {
    let CookieChange::Set(header) = change else { panic!("no cookie is set: {change:?}") };
    header.as_str().split(';').next().unwrap().to_owned()
}

/// Polls `future` once, and says whether it is done.
pub fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::Pin::new(future).poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}
