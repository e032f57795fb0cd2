//! A store that does what it is told, and a laboratory around it.

mod chance;
mod chaos;
mod executor;
mod gate;
mod prompt;
mod scripted;
mod wakes;

use std::{future::Future, sync::Arc, time::Duration};

pub(crate) use self::{
    chance::Chance,
    chaos::ChaosStore,
    executor::{Executor, Polled},
    gate::Gate,
    prompt::PromptStore,
    scripted::{Calls, Fault, ScriptedStore},
    wakes::Wakes,
};
use session_core::{Clock, Config, CookieChange, Found, ManualClock, Result, Session, Sessions, Timestamp};

/// Noon on the first day.
pub(crate) const NOON: Timestamp = Timestamp::from_millis(43_200_000);

/// Sessions on a scripted store, at a time that stands still.
#[derive(Clone, Debug)]
pub(crate) struct Lab {
    pub(crate) store: ScriptedStore,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) sessions: Sessions,
}

impl Lab {
    pub(crate) fn new() -> Self {
        Self::with(Config::default())
    }

    pub(crate) fn with(config: Config) -> Self {
        Self::on(ScriptedStore::default(), config)
    }

    /// Returns a laboratory whose store answers at once.
    pub(crate) fn at_once() -> Self {
        let lab = Self::new();
        let sessions = Sessions::new(PromptStore(lab.store.clone()), Config::default()).unwrap();
        Self { sessions: sessions.with_clock(lab.clock.clone()), ..lab }
    }

    pub(crate) fn on(store: ScriptedStore, config: Config) -> Self {
        let clock = Arc::new(ManualClock::new(NOON));
        let sessions = Sessions::new(store.clone(), config).unwrap().with_clock(clock.clone());
        Self { store, clock, sessions }
    }

    /// Returns another process on the same store: nothing of this one's is combined with it.
    pub(crate) fn other_process(&self) -> Self {
        let sessions = Sessions::new(self.store.clone(), self.sessions.config().clone()).unwrap();
        Self { sessions: sessions.with_clock(self.clock.clone()), ..self.clone() }
    }

    /// Opens the session of a browser that holds `cookie`, as the value of a `Cookie` header.
    pub(crate) fn open(&self, cookie: &str) -> Session {
        pollster::block_on(self.sessions.open(&[cookie], None)).unwrap()
    }

    /// Lets a new visitor keep `count` = 0 and returns the cookie.
    pub(crate) fn visitor(&self) -> String {
        let session = self.open("");
        session.insert("count", &0).unwrap();
        finish(&session)
    }

    /// Lets a new visitor log in as `owner` and returns the cookie.
    pub(crate) fn user(&self, owner: &str) -> String {
        let session = self.open(&self.visitor());
        session.login(owner).unwrap();
        finish(&session)
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns the count that a browser with `cookie` finds.
    pub(crate) fn count(&self, cookie: &str) -> Option<u64> {
        self.open(cookie).get("count").unwrap()
    }

    pub(crate) fn found(&self, cookie: &str) -> Found {
        self.open(cookie).found()
    }
}

pub(crate) fn add_one(session: &Session) {
    session.update("count", |count: &mut u64| *count += 1).unwrap();
}

/// Opens `count` handles on a visitor's session.
pub(crate) fn handles(lab: &Lab, count: usize) -> (String, Vec<Session>) {
    let cookie = lab.visitor();
    let handles = (0..count).map(|_| lab.open(&cookie)).collect();
    (cookie, handles)
}

/// Adds `id` to the log in the session.
pub(crate) fn append(session: &Session, id: u32) {
    session.update("log", move |log: &mut Vec<u32>| log.push(id)).unwrap();
}

pub(crate) fn commit(session: &Session) -> Result<()> {
    pollster::block_on(session.commit())
}

/// Finishes a request that must set a cookie, and returns that as the browser sends it.
#[track_caller]
pub(crate) fn finish(session: &Session) -> String {
    cookie_of(&pollster::block_on(session.finish()).unwrap())
}

/// Finishes a request that must leave the browser's cookie alone.
#[track_caller]
pub(crate) fn finish_quietly(session: &Session) {
    assert_eq!(pollster::block_on(session.finish()).unwrap(), CookieChange::Keep);
}

#[track_caller]
pub(crate) fn cookie_of(change: &CookieChange) -> String {
    let CookieChange::Set(header) = change else { panic!("no cookie is set: {change:?}") };
    header.as_str().split(';').next().unwrap().to_owned()
}

/// Polls `future` once, and says whether it is done.
pub(crate) fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::Pin::new(future).poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}
