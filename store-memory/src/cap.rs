//! How many sessions there may be.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the places that are taken, where there is a most.
///
/// A place is taken before its session is there and given back after it is gone, so there are never more sessions
/// than places. Both happen under the lock of the session's shard: who holds all of them knows the exact number.
#[derive(Debug)]
pub(crate) struct Cap {
    max: Option<usize>,
    taken: AtomicUsize,
}

impl Cap {
    pub(crate) fn new(max_sessions: Option<usize>) -> Self {
        // The session being created is never refused, so there is room for one.
        Self { max: max_sessions.map(|max| max.max(1)), taken: AtomicUsize::new(0) }
    }

    pub(crate) const fn max(&self) -> Option<usize> {
        self.max
    }

    /// Takes a place for a new session, and returns whether there was one.
    pub(crate) fn take_place(&self) -> bool {
        let Some(max) = self.max else { return true };
        let next = |taken| (taken < max).then_some(taken + 1);
        self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, next).is_ok()
    }

    /// Gives back the places of this many sessions that are gone.
    pub(crate) fn give_back(&self, places: usize) {
        if self.max.is_some() {
            self.taken.fetch_sub(places, Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{iter, sync::Barrier, thread};

    use super::*;

    #[test]
    fn threads_that_race_for_places_get_no_more_than_there_are() {
        let (cap, barrier) = (Cap::new(Some(100_000)), Barrier::new(8));
        let race = || {
            barrier.wait();
            iter::repeat_with(|| cap.take_place()).take_while(|taken| *taken).count()
        };
        let taken: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(race)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(taken, 100_000);
    }
}
