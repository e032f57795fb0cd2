//! Calls of one kind that wait are carried out together.
//!
//! A call that finds nobody before it goes straight through. Those that come while it is under way wait, and go together when it
//! has ended. Whoever is answered often comes back at once, so a batch waits a moment for as many as were just answered:
//! otherwise the first one to come back would go alone, and all others would wait for it.

use std::{
    collections::VecDeque,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::oneshot, task::yield_now, time::Instant};

use crate::executor::Executor;

/// The most calls of one batch, wherever calls go together.
pub(crate) const CALLS_MAX: usize = 256;

/// The most bytes of one batch, unless one call has more.
const BYTES_MAX: usize = 1 << 20;

/// The longest moment, however long a batch took.
const MOMENT_MAX: Duration = Duration::from_micros(250);

/// What can be done for many at once.
pub(crate) trait Work: Send + Sync + 'static {
    type Ask: Send + 'static;
    type Answer: Send + 'static;

    /// Returns about how many bytes are sent for it.
    fn bytes(ask: &Self::Ask) -> usize;

    /// Carries out a batch and answers each.
    fn carry_out(&self, batch: Vec<Asked<Self>>) -> impl Future<Output = ()> + Send;
}

/// What somebody asks for and waits for.
pub(crate) struct Asked<W: Work + ?Sized> {
    pub(crate) ask: W::Ask,
    answer: oneshot::Sender<W::Answer>,
}

impl<W: Work> Asked<W> {
    pub(crate) fn answer(self, answer: W::Answer) {
        // Nobody may wait for it any more.
        let _ = self.answer.send(answer);
    }
}

/// How calls go together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// The most calls of one batch.
    calls_max: usize,
    /// The most batches that are under way at the same time.
    batches_max: usize,
}

impl Manner {
    /// Each call goes alone, and at once.
    pub(crate) const ALONE: Self = Self { calls_max: 1, batches_max: usize::MAX };

    /// Calls that come while so many batches are under way go together.
    pub(crate) const fn together(batches_max: usize) -> Self {
        Self { calls_max: CALLS_MAX, batches_max }
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
        if self.join(Asked { ask, answer }) {
            self.executor.begin(Arc::clone(self).work_off());
        }
        answered.await.ok()
    }

    /// Joins those that wait, and returns whether a batch is to be begun for them.
    fn join(&self, asked: Asked<W>) -> bool {
        let mut waiting = self.lock();
        waiting.asked.push_back(asked);
        let begins = waiting.under_way < self.manner.batches_max;
        waiting.under_way += usize::from(begins);
        begins
    }

    /// Carries out one batch after the other, until nobody waits.
    async fn work_off(self: Arc<Self>) {
        while let Some(batch) = self.next() {
            let (answered, begun) = (batch.len(), Instant::now());
            self.work.carry_out(batch).await;
            if answered > 1 {
                // What waits already is held up by this for a fraction of what it waits for anyway.
                let until = Instant::now() + (begun.elapsed() / 4).min(MOMENT_MAX);
                while self.lock().asked.len() < answered && Instant::now() < until {
                    yield_now().await;
                }
            }
        }
    }

    /// Returns the next batch, or leaves the place to others if there is none.
    fn next(&self) -> Option<Vec<Asked<W>>> {
        let mut waiting = self.lock();
        if waiting.asked.is_empty() {
            waiting.under_way -= 1;
            return None;
        }
        let (mut bytes, mut calls) = (0, 0);
        for asked in waiting.asked.iter().take(self.manner.calls_max) {
            bytes += W::bytes(&asked.ask);
            if calls > 0 && bytes > BYTES_MAX {
                break;
            }
            calls += 1;
        }
        Some(waiting.asked.drain(..calls).collect())
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<W>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
