//! A browser, an application and a store that does what a test says.

mod app;
mod ask;
mod browser;
mod gate;
mod log;
mod scripted;

use std::{net::IpAddr, sync::Arc};

use axum::Router;
use session_tower::{Config, ManualClock, SessionLayer, Sessions, Timestamp};

pub(crate) use self::{
    app::{add, count, routes},
    ask::ask,
    browser::{Answer, Browser},
    gate::Gate,
    log::Log,
    scripted::{Call, Fault, Scripted},
};

/// A store, a clock, and sessions on them.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) store: Scripted,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) sessions: Sessions,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Config::plain_http())
    }

    pub(crate) fn with(config: Config) -> Self {
        let (store, clock) =
            (Scripted::default(), Arc::new(ManualClock::new(Timestamp::from_millis(1 << 40))));
        let sessions = Sessions::new(store.clone(), config).unwrap().with_clock(clock.clone());
        Self { store, clock, sessions }
    }

    pub(crate) fn layer(&self) -> SessionLayer {
        SessionLayer::new(self.sessions.clone())
    }

    /// Returns a visitor of the application made of `router` and the usual routes.
    pub(crate) fn browser(&self, router: Router) -> Browser {
        Browser::new(router.merge(routes()).layer(self.layer()))
    }
}

pub(crate) fn ip(address: &str) -> IpAddr {
    address.parse().unwrap()
}
