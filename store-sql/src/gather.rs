//! Calls of one kind that wait are carried out together.
//!
//! A call that finds nobody before it goes straight through. Those that come while it is under way wait, and go together when it
//! has ended. Whoever is answered often comes back at once, so a batch waits a moment for as many as were just answered:
//! otherwise the first one to come back would go alone, and all others would wait for it.
//!
//! Each call is answered in its own time, whatever becomes of those that it waits for or goes with.

use std::{
    collections::VecDeque,
    mem,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::oneshot,
    task::yield_now,
    time::{Instant, timeout},
};

use crate::{
    asked::{Asked, Waits, Work},
    executor::Executor,
};

/// The most calls of one batch, wherever calls go together.
pub(crate) const CALLS_MAX: usize = 256;

/// The most bytes of one batch, unless one call has more, or the database takes less.
pub(crate) const BYTES_MAX: usize = 1 << 20;

/// The longest moment, however long a batch took.
const MOMENT_MAX: Duration = Duration::from_micros(250);

/// How often it is looked whose time is over, while a batch is under way.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// How calls go together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// The most calls of one batch.
    calls_max: usize,
    /// The most bytes of one batch.
    bytes_max: usize,
    /// The most batches that are under way at the same time.
    batches_max: usize,
}

impl Manner {
    /// Each call goes alone, and at once.
    pub(crate) const ALONE: Self = Self { calls_max: 1, bytes_max: BYTES_MAX, batches_max: usize::MAX };

    /// Calls that come while so many batches are under way go together.
    pub(crate) const fn together(batches_max: usize) -> Self {
        Self { calls_max: CALLS_MAX, bytes_max: BYTES_MAX, batches_max }
    }

    /// No batch has more bytes than these, unless one call has.
    pub(crate) const fn within(self, bytes_max: usize) -> Self {
        Self { bytes_max, ..self }
    }
}

/// The calls that wait, and how many batches are under way.
pub(crate) struct Gather<W: Work> {
    work: W,
    manner: Manner,
    executor: Executor,
    waiting: Mutex<Waiting<W>>,
}

struct Waiting<W: Work> {
    asked: VecDeque<Asked<W>>,
    under_way: usize,
}

impl<W: Work> Waiting<W> {
    /// Answers those that waited so long that there is no time left.
    fn give_up_the_late(&mut self) {
        self.asked.retain(|asked| {
            let call = W::call(&asked.ask);
            let is_late = call.is_late();
            if is_late {
                asked.waits().hears(W::late(call, false));
            }
            !is_late
        });
    }
}

impl<W: Work> Gather<W> {
    pub(crate) fn new(work: W, manner: Manner, executor: Executor) -> Arc<Self> {
        let waiting = Waiting { asked: VecDeque::new(), under_way: 0 };
        Arc::new(Self { work, manner, executor, waiting: Mutex::new(waiting) })
    }

    /// Asks, and returns the answer, or `None` when the runtime has ended. What was asked for is done even if this is dropped.
    ///
    /// Any executor may poll it.
    pub(crate) async fn ask(self: &Arc<Self>, ask: W::Ask) -> Option<W::Answer> {
        let (answer, answered) = oneshot::channel();
        let answer = Arc::new(Waits::new(answer));
        if let Some(place) = self.join(Asked::new(ask, answer)) {
            self.executor.begin(place.work_off());
        }
        answered.await.ok()
    }

    /// Joins those that wait, and returns the place of another batch if there may be one.
    fn join(self: &Arc<Self>, asked: Asked<W>) -> Option<Place<W>> {
        let mut waiting = self.lock();
        waiting.asked.push_back(asked);
        let begins = waiting.under_way < self.manner.batches_max;
        waiting.under_way += usize::from(begins);
        begins.then(|| Place { gather: Arc::clone(self), has_ended: false })
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<W>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among the batches that are under way.
struct Place<W: Work> {
    gather: Arc<Gather<W>>,
    has_ended: bool,
}

impl<W: Work> Place<W> {
    /// Carries out one batch after the other, until nobody waits.
    async fn work_off(mut self) {
        while let Some(batch) = self.next() {
            let (answered, begun) = (batch.len(), Instant::now());
            let under_way: Vec<_> = batch.iter().map(|asked| (*W::call(&asked.ask), asked.waits())).collect();
            let mut carried_out = pin!(self.gather.work.carry_out(batch));
            while timeout(LOOK_EVERY, carried_out.as_mut()).await.is_err() {
                let now = Instant::now();
                for (call, waits) in under_way.iter().filter(|(call, _)| call.deadline <= now) {
                    waits.hears(W::late(call, true));
                }
                self.gather.lock().give_up_the_late();
            }
            if answered > 1 {
                // What waits already is held up by this for a fraction of what it waits for anyway.
                let until = Instant::now() + (begun.elapsed() / 4).min(MOMENT_MAX);
                while self.gather.lock().asked.len() < answered && Instant::now() < until {
                    yield_now().await;
                }
            }
        }
    }

    /// Returns the next batch, or leaves the place to others if there is none.
    fn next(&mut self) -> Option<Vec<Asked<W>>> {
        let mut waiting = self.gather.lock();
        waiting.give_up_the_late();
        if waiting.asked.is_empty() {
            // In the same moment in which nobody waits: the next one to come begins anew.
            waiting.under_way -= 1;
            self.has_ended = true;
            return None;
        }
        let (mut bytes, mut calls) = (0, 0);
        for asked in waiting.asked.iter().take(self.gather.manner.calls_max) {
            bytes += W::bytes(&asked.ask);
            if calls > 0 && bytes > self.gather.manner.bytes_max {
                break;
            }
            calls += 1;
        }
        Some(waiting.asked.drain(..calls).collect())
    }
}

impl<W: Work> Drop for Place<W> {
    /// When the runtime has ended, nobody would ever begin with those that wait: they hear it.
    fn drop(&mut self) {
        if !self.has_ended {
            let mut waiting = self.gather.lock();
            waiting.under_way -= 1;
            let left = mem::take(&mut waiting.asked);
            drop(waiting);
            drop(left);
        }
    }
}

#[cfg(test)]
mod tests;
