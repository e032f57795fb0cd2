//! Work that makes and ends sessions: what was created is deleted, in turn, and one of the two is measured.

use std::{
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Work, join, share};
use crate::{child::Done, subject::Subject, values::Values};

/// Creates and deletes at `places` until what is measured has taken `time`.
pub(super) async fn round<S: Subject>(
    work: Work,
    subject: &Arc<S>,
    values: &Values,
    places: &Range<usize>,
    tasks: usize,
    time: Duration,
) -> Done {
    let (mut done, mut taken) = (0, Duration::ZERO);
    while taken < time {
        let (created, creating) = timed(create(subject, values, places, tasks, time)).await;
        let (deleted, deleting) = timed(delete(subject, created)).await;
        let (operations, duration) =
            if work == Work::Create { (deleted, creating) } else { (deleted, deleting) };
        done += operations;
        taken += duration;
    }
    (done, taken)
}

/// Has each task create at its places until none is left or the time is up, and returns where it did.
pub(super) async fn create<S: Subject>(
    subject: &Arc<S>,
    values: &Values,
    places: &Range<usize>,
    tasks: usize,
    time: Duration,
) -> Vec<Range<usize>> {
    let start = Instant::now();
    let tasks = (0..tasks).map(|task| {
        let (subject, mut hand) = (Arc::clone(subject), subject.hand(values));
        let mut places = share(places, task, tasks);
        async move {
            let first = places.start;
            for place in places.by_ref() {
                subject.create(&mut hand, place).await;
                if place.is_multiple_of(S::BATCH) && start.elapsed() >= time {
                    break;
                }
            }
            first..places.start
        }
    });
    join(tasks).await
}

/// Has as many tasks as there are ranges delete what is there, and returns how many sessions that were.
async fn delete<S: Subject>(subject: &Arc<S>, created: Vec<Range<usize>>) -> u64 {
    let tasks = created.into_iter().map(|places| {
        let subject = Arc::clone(subject);
        async move {
            let count = places.len() as u64;
            for place in places {
                subject.delete(place).await;
            }
            count
        }
    });
    join(tasks).await.into_iter().sum()
}

async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let start = Instant::now();
    (work.await, start.elapsed())
}
