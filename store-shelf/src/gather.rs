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

use crate::job::Job;

/// The most jobs of one batch.
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
    /// Begins after a batch of so many jobs, which took so long.
    pub(crate) fn after(answered: usize, took: Duration) -> Self {
        // What waits already is held up by this for a fraction of what it waits for anyway.
        let patience = (took / 4).min(PATIENCE_MAX);
        Self { answered, until: Some(now() + patience) }
    }

    /// Waits for the next batch, `None` when there will be none.
    pub(crate) fn next(&self, jobs: &Receiver<Box<dyn Job>>) -> Option<Vec<Box<dyn Job>>> {
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
