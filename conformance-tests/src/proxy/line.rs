//! What has passed, and what is to happen.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::rng::Rng;

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    ToServer,
    ToClient,
}

/// What happens to the connection where a trap lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Break {
    /// It is closed in order.
    Close,
    /// It is reset.
    Reset,
    /// Nothing passes any more on any connection, until somebody resumes.
    Stall,
}

/// Where and how the line breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trap {
    pub(crate) way: Way,
    /// How many bytes still pass that way. With none, the line breaks when the first one arrives.
    pub(crate) after: usize,
    pub(crate) then: Break,
}

impl Trap {
    fn random(rng: &mut Rng) -> Self {
        let way = if rng.below(2) == 0 { Way::ToServer } else { Way::ToClient };
        let then = if rng.below(2) == 0 { Break::Close } else { Break::Reset };
        Self { way, after: rng.index(2_000), then }
    }
}

/// All connections of a proxy.
#[derive(Debug)]
pub(crate) struct Line {
    count: Mutex<Count>,
    weather: watch::Sender<Weather>,
    /// How many connections that broke are not closed by the server yet.
    ending: watch::Sender<usize>,
    /// Connections hold a receiver of the era in which they began; they are cut when it is over.
    era: Mutex<Arc<watch::Sender<bool>>>,
}

#[derive(Debug, Default)]
struct Count {
    to_server: usize,
    to_client: usize,
    trap: Option<Trap>,
    is_sprung: bool,
    /// Where the next trap comes from.
    more: Option<Rng>,
}

/// What goes for all connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Weather {
    #[default]
    Fair,
    /// Nothing passes.
    Stalled,
    /// Bytes pass one by one.
    Trickling,
}

impl Default for Line {
    fn default() -> Self {
        let era = Mutex::new(Arc::new(watch::Sender::new(false)));
        Self {
            count: Mutex::default(),
            weather: watch::Sender::default(),
            ending: watch::Sender::default(),
            era,
        }
    }
}

impl Line {
    /// Counts from nothing; `more` decides about all traps after the first.
    pub(crate) fn arm(&self, trap: Option<Trap>, more: Option<Rng>) {
        *self.count() = Count { trap, more, ..Count::default() };
    }

    pub(crate) fn passed(&self) -> (usize, usize) {
        let count = self.count();
        (count.to_server, count.to_client)
    }

    pub(crate) fn is_sprung(&self) -> bool {
        self.count().is_sprung
    }

    pub(crate) fn change(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    pub(crate) fn weather(&self) -> watch::Receiver<Weather> {
        self.weather.subscribe()
    }

    pub(crate) fn era(&self) -> watch::Receiver<bool> {
        self.era.lock().unwrap_or_else(PoisonError::into_inner).subscribe()
    }

    /// Ends the era, and returns what is closed when all its connections are.
    pub(crate) fn cut(&self) -> Arc<watch::Sender<bool>> {
        let mut era = self.era.lock().unwrap_or_else(PoisonError::into_inner);
        let over = std::mem::replace(&mut *era, Arc::new(watch::Sender::new(false)));
        over.send_replace(true);
        over
    }

    /// Notes that a connection waits for its server to close, until what is returned is dropped.
    pub(crate) fn ending(&self) -> Ending<'_> {
        self.ending.send_modify(|ending| *ending += 1);
        Ending(self)
    }

    pub(crate) async fn settled(&self) {
        // The sender lives as long as the line does.
        let _ = self.ending.subscribe().wait_for(|ending| *ending == 0).await;
    }

    /// Counts bytes that have arrived, and returns how many may pass and what happens then.
    pub(crate) fn pass(&self, way: Way, arrived: usize) -> (usize, Option<Break>) {
        let mut count = self.count();
        let counted = match way {
            Way::ToServer => &mut count.to_server,
            Way::ToClient => &mut count.to_client,
        };
        let before = *counted;
        *counted += arrived;
        let Some(trap) = count.trap.filter(|trap| trap.way == way && before + arrived >= trap.after) else {
            return (arrived, None);
        };
        let mut more = count.more.take();
        let next = more.as_mut().map(Trap::random);
        *count = Count { is_sprung: true, trap: next, more, ..Count::default() };
        if trap.then == Break::Stall {
            self.change(Weather::Stalled);
        }
        (trap.after.saturating_sub(before), Some(trap.then))
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that waits for its server to close.
pub(crate) struct Ending<'a>(&'a Line);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.ending.send_modify(|ending| *ending -= 1);
    }
}
