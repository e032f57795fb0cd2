//! A list that waits for its verdict.

use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
    atomic::{AtomicBool, Ordering},
};

use super::{Line, Lines, List, Standing, shared::Shared};
use crate::{
    Error, Key, SessionId,
    frame::{Content, Loaded},
};

/// What became of a list.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    /// It is kept.
    Kept(Arc<Kept>),
    /// The session had ended, or is not the handle's any more. Nothing was changed.
    Gone { standing: Option<Standing> },
    /// The list holds a login that this session cannot take: it asks for a new session. Nothing was changed.
    Detached { standing: Option<Standing> },
    /// The list could not be kept, or that is not known.
    Failed(Error),
}

/// A session right after a list was kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) key: Key,
    /// The session as it was saved, with the lists that came after this one.
    pub(crate) loaded: Loaded,
    /// What the handle reads: the session right after its own changes.
    pub(crate) read: Arc<Content>,
    pub(crate) standing: Standing,
    /// The ticket that the list put in force.
    pub(crate) ticket: Option<SessionId>,
}

/// What a list is to be applied to.
#[derive(Clone, Debug)]
pub(crate) enum Start {
    /// A new session with this content, whose secret is yet to be made.
    New(Arc<Content>),
    /// A session as it was loaded.
    Stored(Loaded),
}

/// A list that waits for its verdict, shared by the handle, its commits, and the line or the round it is in.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) list: List,
    pub(crate) start: Start,
    /// The session it changes, unless that is yet to be created.
    pub(crate) key: Option<Key>,
    /// The line it is in, once it needs one.
    line: OnceLock<Arc<Line>>,
    /// Whether a save of it is under way that may land even if its round is dropped.
    doubt: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    place: Place,
    /// How many commits wait for this entry.
    commits: usize,
}

#[derive(Debug)]
enum Place {
    Outside,
    /// Its save is tried right now, without a round.
    Alone,
    Waiting,
    Riding(Ride),
    Settled(Verdict),
}

/// A place in a round.
#[derive(Clone, Debug)]
struct Ride {
    round: Weak<Shared>,
    /// Keeps the round alive while a commit waits for this entry.
    hold: Option<Arc<Shared>>,
}

/// What a commit that polls an entry has to do next.
pub(crate) enum Next {
    /// Put the entry in the line.
    Queue,
    /// Wait until the round before, or the save that is tried, is over.
    Wait,
    /// Poll the round.
    Poll(Arc<Shared>),
    /// Take the verdict.
    Take(Verdict),
}

/// What the last commit that waited for an entry has left.
pub(crate) enum Left {
    Nothing,
    Line,
    /// To be dropped outside every lock: that drops futures of the store, and they may do anything.
    Round(Arc<Shared>),
}

impl Entry {
    /// Returns a list that changes the stored session called `key`.
    pub(crate) fn stored(list: List, key: Key, loaded: Loaded) -> Arc<Self> {
        Arc::new(Self::new(list, Start::Stored(loaded), Some(key), OnceLock::new(), Place::Outside))
    }

    /// Returns a list that creates a session from `start`, in a line of its own.
    pub(crate) fn created(list: List, start: Arc<Content>) -> Arc<Self> {
        let (start, line) = (Start::New(start), OnceLock::from(Arc::default()));
        Arc::new(Self::new(list, start, None, line, Place::Outside))
    }

    /// Returns a list whose save is [tried alone](super::lone) before it gets into the line of the session called `key`.
    pub(crate) fn alone(list: List, key: Key, loaded: Loaded) -> Arc<Self> {
        Arc::new(Self::new(list, Start::Stored(loaded), Some(key), OnceLock::new(), Place::Alone))
    }

    fn new(list: List, start: Start, key: Option<Key>, line: OnceLock<Arc<Line>>, place: Place) -> Self {
        let state = Mutex::new(State { place, commits: 0 });
        Self { list, start, key, line, doubt: AtomicBool::new(false), state }
    }

    /// Returns the line that the entry is in from now on.
    pub(crate) fn line(&self, lines: &Lines) -> Arc<Line> {
        let line = self.line.get_or_init(|| match self.key {
            Some(key) => lines.of(key),
            None => Arc::default(),
        });
        line.clone()
    }

    /// Says whether a save is under way that may land even if it is dropped.
    pub(crate) fn doubt(&self, doubt: bool) {
        self.doubt.store(doubt, Ordering::SeqCst);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a commit that begins to wait.
    pub(crate) fn enter(&self) {
        self.state().commits += 1;
    }

    /// Counts a commit that stops waiting; the last one leaves the line, or lets go of the round.
    pub(crate) fn leave(&self) -> Left {
        let mut state = self.state();
        state.commits -= 1;
        if state.commits > 0 {
            return Left::Nothing;
        }
        match &mut state.place {
            Place::Waiting => {
                state.place = Place::Outside;
                Left::Line
            }
            Place::Riding(ride) => ride.hold.take().map_or(Left::Nothing, Left::Round),
            Place::Outside | Place::Alone | Place::Settled(_) => Left::Nothing,
        }
    }

    /// Says what a commit has to do next.
    pub(crate) fn next(&self) -> Next {
        let mut state = self.state();
        let State { place, .. } = &mut *state;
        match place {
            Place::Outside => {
                *place = Place::Waiting;
                Next::Queue
            }
            Place::Waiting | Place::Alone => Next::Wait,
            Place::Settled(verdict) => Next::Take(verdict.clone()),
            Place::Riding(ride) => match ride.round.upgrade() {
                Some(round) if round.is_done() => Next::Take(fail(place, unknown(Broken::Panicked))),
                Some(round) => {
                    ride.hold.get_or_insert_with(|| round.clone());
                    Next::Poll(round)
                }
                None if self.doubt.load(Ordering::SeqCst) => {
                    Next::Take(fail(place, unknown(Broken::Cancelled)))
                }
                None => {
                    *place = Place::Waiting;
                    Next::Queue
                }
            },
        }
    }

    /// Puts the entry in `round`, unless that is over: a commit of another entry, which was put in before this one, may have
    /// driven it to its end already.
    pub(crate) fn ride(&self, round: &Arc<Shared>) {
        let mut state = self.state();
        if matches!(state.place, Place::Settled(_)) {
            return;
        }
        let hold = (state.commits > 0).then(|| round.clone());
        state.place = Place::Riding(Ride { round: Arc::downgrade(round), hold });
    }

    /// Decides what became of the list; the first verdict stands.
    pub(crate) fn settle(&self, verdict: Verdict) {
        let mut state = self.state();
        if !matches!(state.place, Place::Settled(_)) {
            let before = std::mem::replace(&mut state.place, Place::Settled(verdict));
            drop(state);
            drop(before);
        }
    }

    /// Ends the save that was tried alone, calls who waited for that, and returns the verdict.
    pub(crate) fn land(&self) -> Verdict {
        let verdict = match &mut self.state().place {
            Place::Settled(verdict) => verdict.clone(),
            // Without a verdict it did not come to its end.
            place => fail(place, unknown(Broken::Panicked)),
        };
        // Who waits has made the line before it looked whether there is a verdict.
        if let Some(line) = self.line.get() {
            line.bell.ring();
        }
        verdict
    }
}

fn fail(place: &mut Place, error: Error) -> Verdict {
    let verdict = Verdict::Failed(error);
    *place = Place::Settled(verdict.clone());
    verdict
}

/// The answer to a list whose save broke off in a panic of the store.
pub(crate) fn broken_by_panic() -> Error {
    unknown(Broken::Panicked)
}

/// The answer to a list whose round broke off: it is never replayed, that could apply it twice.
fn unknown(why: Broken) -> Error {
    Error::unknown("session-core", "save a session", why)
}

#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("every request that waited for the save was cancelled")]
    Cancelled,
    #[error("the store panicked")]
    Panicked,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Timestamp,
        frame::{Facts, Values},
        ticket::{Digest, Proofs},
    };

    #[test]
    fn a_verdict_stays_when_its_round_ended_before_all_were_put_into_it() {
        let list = List {
            changes: Vec::new(),
            ticket: None,
            proofs: Proofs::none(),
            logins: 0,
            address: None,
            first_sight: false,
        };
        let facts = Facts::new(Digest::none(), None, Timestamp::EPOCH);
        let start = Content { facts, owner: None, values: Values::default() };
        let entry = Entry::created(list, Arc::new(start));
        entry.enter();
        let round = Shared::new(Box::pin(async {}), Arc::default());
        round.poll();
        entry.settle(Verdict::Gone { standing: None });
        entry.ride(&round);
        assert!(matches!(entry.next(), Next::Take(Verdict::Gone { standing: None })));
    }
}
