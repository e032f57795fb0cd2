//! What goes into the next batch.
//!
//! Whoever is answered often comes back at once: a task that saves one session after the other, a handler that was waited for.
//! So after a batch the thread stays awake for a moment, in which as many calls may come as were just answered. Without
//! that, a lone task would pay for waking the thread each time, and of many tasks one half would always wait while the
//! other half is committed, which halves the batches.

use std::{
    iter,
    sync::mpsc::{Receiver, TryRecvError},
    thread,
    time::{Duration, Instant},
};

/// The most calls of one batch.
const BATCH_MAX: usize = 1_024;

/// The longest moment, however long a commit took.
const PATIENCE_MAX: Duration = Duration::from_micros(250);

/// What is known of the batch before.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    answered: usize,
    until: Option<Instant>,
}

impl Gathering {
    /// Begins after a batch of so many calls, which took so long.
    pub(crate) fn after(answered: usize, took: Duration) -> Self {
        // What waits already is held up by this for a fraction of what it waits for anyway.
        let patience = (took / 4).min(PATIENCE_MAX);
        Self { answered, until: Some(now() + patience) }
    }

    /// Waits for the next batch, in the order in which it came; `None` when nothing comes any more.
    pub(crate) fn next<T>(&self, jobs: &Receiver<T>) -> Option<Vec<T>> {
        let mut batch = Vec::with_capacity(self.answered);
        while batch.len() < self.answered.min(BATCH_MAX) && self.until.is_some_and(|until| now() < until) {
            match jobs.try_recv() {
                Ok(job) => batch.push(job),
                // Others run meanwhile, if there are any.
                Err(TryRecvError::Empty) => thread::yield_now(),
                Err(TryRecvError::Disconnected) => break,
            }
        }
        if batch.is_empty() {
            batch.push(jobs.recv().ok()?);
        }
        let room = BATCH_MAX - batch.len();
        batch.extend(iter::from_fn(|| jobs.try_recv().ok()).take(room));
        Some(batch)
    }
}

/// Reads how far time has gone on, which decides nothing but how long somebody waits.
#[expect(clippy::disallowed_methods, reason = "it measures a wait, and no session lives by it")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const AN_HOUR: Duration = Duration::from_secs(3_600);

    fn after(answered: usize, patience: Duration) -> Gathering {
        Gathering { answered, until: Some(now() + patience) }
    }

    /// Returns what is in a box into which these were put, and which is still open.
    fn filled(calls: std::ops::Range<usize>) -> (mpsc::Sender<usize>, Receiver<usize>) {
        let (inbox, waiting) = mpsc::channel();
        calls.for_each(|call| inbox.send(call).unwrap());
        (inbox, waiting)
    }

    #[test]
    fn who_comes_back_alone_is_not_held_up() {
        let (_inbox, waiting) = filled(0..1);
        assert_eq!(after(1, AN_HOUR).next(&waiting).unwrap(), [0]);
    }

    #[test]
    fn as_many_as_were_answered_are_waited_for() {
        let (inbox, waiting) = filled(0..1);
        let late = thread::spawn(move || {
            thread::yield_now();
            [1, 2].into_iter().for_each(|call| inbox.send(call).unwrap());
            inbox
        });
        assert_eq!(after(3, AN_HOUR).next(&waiting).unwrap(), [0, 1, 2]);
        drop(late.join().unwrap());
    }

    #[test]
    fn when_the_moment_is_over_those_go_who_came() {
        let (_inbox, waiting) = filled(0..2);
        assert_eq!(after(3, Duration::ZERO).next(&waiting).unwrap(), [0, 1]);
        let (inbox, waiting) = filled(0..0);
        let late = thread::spawn(move || inbox.send(7).map(|()| inbox).unwrap());
        assert_eq!(after(3, Duration::ZERO).next(&waiting).unwrap(), [7]);
        drop(late.join().unwrap());
    }

    #[test]
    fn more_than_a_batch_holds_wait_for_the_next_one() {
        let (_inbox, waiting) = filled(0..2 * BATCH_MAX + 3);
        let first = Gathering::default().next(&waiting).unwrap();
        let second = after(first.len(), AN_HOUR).next(&waiting).unwrap();
        let third = after(3, AN_HOUR).next(&waiting).unwrap();
        assert_eq!([first.len(), second.len(), third.len()], [BATCH_MAX, BATCH_MAX, 3]);
        assert!([first, second, third].concat().into_iter().eq(0..2 * BATCH_MAX + 3));
    }

    #[test]
    fn nobody_is_waited_for_who_cannot_come_any_more() {
        let (inbox, waiting) = filled(0..1);
        drop(inbox);
        assert_eq!(after(3, AN_HOUR).next(&waiting).unwrap(), [0]);
        assert_eq!(after(3, AN_HOUR).next(&waiting), None);
        assert_eq!(Gathering::default().next(&waiting), None);
    }

    /// Four threads put numbers in, now and then after a pause, and every number comes out once and in its order.
    #[test]
    fn a_hundred_thousand_that_come_at_any_moment_come_out_once_and_in_order() {
        const EACH: usize = 25_000;
        let (inbox, waiting) = mpsc::channel();
        for thread in 0..4_usize {
            let inbox = inbox.clone();
            thread::spawn(move || {
                for call in 0..EACH {
                    inbox.send((thread, call)).unwrap();
                    (0..call * (thread + 3) % 7).for_each(|_| thread::yield_now());
                }
            });
        }
        drop(inbox);
        let (mut gathering, mut seen) = (Gathering::default(), [0; 4]);
        while let Some(batch) = gathering.next(&waiting) {
            let answered = batch.len();
            assert!((1..=BATCH_MAX).contains(&answered));
            for (thread, call) in batch {
                assert_eq!(call, seen[thread]);
                seen[thread] += 1;
            }
            let took = Duration::from_micros([0, 10, 200, 2_000][answered % 4]);
            gathering = Gathering::after(answered, took);
        }
        assert_eq!(seen, [EACH; 4]);
    }
}
