//! Calls of one kind that wait are carried out together.
//!
//! A call that finds nobody before it goes straight through. Those that come while it is under way wait, and go together when it
//! has ended. Whoever is answered often comes back at once, so a batch waits a moment for as many as were just answered:
//! otherwise the first one to come back would go alone, and all others would wait for it.

use std::{
    collections::VecDeque,
    future::Future,
    mem,
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
        if let Some(place) = self.join(Asked { ask, answer }) {
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
            self.gather.work.carry_out(batch).await;
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
        if waiting.asked.is_empty() {
            // In the same moment in which nobody waits: the next one to come begins anew.
            waiting.under_way -= 1;
            self.has_ended = true;
            return None;
        }
        let (mut bytes, mut calls) = (0, 0);
        for asked in waiting.asked.iter().take(self.gather.manner.calls_max) {
            bytes += W::bytes(&asked.ask);
            if calls > 0 && bytes > BYTES_MAX {
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
mod tests {
    use tokio::{sync::Semaphore, task::JoinSet};

    use super::*;

    /// Answers with how many went together, as soon as it may.
    struct Count(Arc<Semaphore>);

    impl Work for Count {
        type Ask = usize;
        type Answer = usize;

        fn bytes(ask: &usize) -> usize {
            *ask
        }

        async fn carry_out(&self, batch: Vec<Asked<Self>>) {
            self.0.acquire().await.unwrap().forget();
            let size = batch.len();
            batch.into_iter().for_each(|asked| asked.answer(size));
        }
    }

    /// Asks for so many of these bytes, one after the other, and returns how large each one's batch was, in this order.
    async fn sizes(manner: Manner, bytes: &[usize]) -> Vec<usize> {
        let may = Arc::new(Semaphore::new(0));
        let gather = Gather::new(Count(Arc::clone(&may)), manner, Executor::here().unwrap());
        let mut asks = JoinSet::new();
        for (place, bytes) in bytes.iter().copied().enumerate() {
            let gather = Arc::clone(&gather);
            asks.spawn(async move { (place, gather.ask(bytes).await.unwrap()) });
            yield_now().await;
            yield_now().await;
        }
        may.add_permits(bytes.len());
        let mut sizes = asks.join_all().await;
        sizes.sort_unstable();
        // The last batch still looks whether somebody comes back, and leaves its place then.
        while gather.lock().under_way > 0 {
            yield_now().await;
        }
        sizes.into_iter().map(|(_, size)| size).collect()
    }

    #[tokio::test]
    async fn the_first_goes_at_once_and_those_behind_it_go_together() {
        assert_eq!(sizes(Manner::together(1), &[1; 5]).await, [1, 4, 4, 4, 4]);
        assert_eq!(sizes(Manner::together(2), &[1; 5]).await, [1, 1, 3, 3, 3]);
        assert_eq!(sizes(Manner::ALONE, &[1; 5]).await, [1; 5]);
    }

    #[tokio::test]
    async fn a_batch_has_a_most_of_calls_and_of_bytes() {
        let large = BYTES_MAX - 1;
        assert_eq!(sizes(Manner::together(1), &[1, large, large, 1, BYTES_MAX * 2]).await, [1, 1, 2, 2, 1]);
        let many = sizes(Manner::together(1), &[1; CALLS_MAX + 3]).await;
        assert_eq!(many.iter().filter(|size| **size == CALLS_MAX).count(), CALLS_MAX);
        assert_eq!(many.iter().filter(|size| **size == 2).count(), 2);
    }

    #[test]
    fn those_that_wait_when_the_runtime_ends_hear_it_and_so_do_those_that_come_later() {
        let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (first, second) = (runtime(), runtime());
        let executor = first.block_on(async { Executor::here().unwrap() });
        let gather = Gather::new(Count(Arc::new(Semaphore::new(0))), Manner::together(1), executor);
        let asks: Vec<_> = (0..3)
            .map(|_| {
                let gather = Arc::clone(&gather);
                second.spawn(async move { gather.ask(1).await })
            })
            .collect();
        second.block_on(yield_now());
        first.block_on(async {
            yield_now().await;
            yield_now().await;
        });
        drop(first);
        for ask in asks {
            assert_eq!(second.block_on(ask).unwrap(), None);
        }
        assert_eq!(second.block_on(gather.ask(1)), None);
    }
}
