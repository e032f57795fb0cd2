//! Work that leaves as many sessions as there were: load, save, touch and the mix.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::{Work, join, share};
use crate::{child::Done, random::Random, subject::Subject, values::Values};

/// Has each task work on its places, in no order, until the time is up.
pub(super) async fn round<S: Subject>(
    work: Work,
    subject: &Arc<S>,
    values: &Values,
    sessions: usize,
    tasks: usize,
    time: Duration,
) -> Done {
    let start = Instant::now();
    let tasks = (0..tasks).map(|task| {
        let (subject, hand) = (Arc::clone(subject), subject.hand(values));
        let places = share(&(0..sessions), task, tasks);
        let random = Random::new(task as u64 + 1);
        let worker = Worker { work, subject, hand, places, random };
        worker.run(start, time)
    });
    let done = join(tasks).await.into_iter().sum();
    (done, start.elapsed())
}

struct Worker<S: Subject> {
    work: Work,
    subject: Arc<S>,
    hand: S::Hand,
    places: Range<usize>,
    random: Random,
}

impl<S: Subject> Worker<S> {
    async fn run(mut self, start: Instant, time: Duration) -> u64 {
        let mut done = 0;
        while start.elapsed() < time {
            for _ in 0..S::BATCH {
                self.step(done).await;
                done += 1;
            }
        }
        done
    }

    async fn step(&mut self, done: u64) {
        let place = self.places.start + self.random.below(self.places.len());
        let Self { subject, hand, .. } = self;
        match self.work {
            Work::Save => subject.save(hand, place, change()).await,
            Work::Touch => subject.touch(hand, place, change()).await,
            Work::Mix if done.is_multiple_of(10) => subject.save(hand, place, change()).await,
            _ => subject.load(place).await,
        }
    }
}

/// Returns a number that no save had before.
///
/// Numbers are handed out by the block, because a counter that all tasks share would be what is measured.
fn change() -> u64 {
    static BLOCKS: AtomicU64 = AtomicU64::new(1);
    const BLOCK: u64 = 1 << 20;
    thread_local!(static NEXT: std::cell::Cell<u64> = const { std::cell::Cell::new(0) });
    NEXT.with(|next| {
        let mut number = next.get();
        if number.is_multiple_of(BLOCK) {
            number = BLOCKS.fetch_add(1, Ordering::Relaxed) * BLOCK;
        }
        next.set(number + 1);
        number
    })
}
