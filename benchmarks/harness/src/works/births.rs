//! Work that makes and ends sessions: what was created is deleted, in turn, and one of the two is measured.

use std::{
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Round, Work, join, share};
use crate::{
    child::Done,
    subject::{Saves, Subject},
    timed::timed,
    values::Values,
};

/// How many tasks fill a store: enough for every store to share what it can share.
const FILLERS: usize = 64;

/// Creates the sessions at the places from 0 on.
pub(crate) async fn fill<S: Saves>(subject: &Arc<S>, values: &Values, sessions: usize) {
    create(subject, values, &(0..sessions), FILLERS, Duration::MAX).await;
}

/// Creates and deletes, beside the sessions that are there, until what is measured has taken its time.
pub(crate) async fn round<S: Subject>(work: Work, round: &Round<S>) -> Done {
    let Round { subject, values, sessions, tasks, time } = round;
    let places = *sessions..2 * sessions;
    let (mut done, mut taken) = (0, Duration::ZERO);
    while taken < *time {
        let (created, creating) = timed(create(subject, values, &places, *tasks, *time)).await;
        let (deleted, deleting) = timed(delete(subject, created)).await;
        let (operations, duration) =
            if work == Work::Create { (deleted, creating) } else { (deleted, deleting) };
        done += operations;
        taken += duration;
    }
    (done, taken)
}

/// Has each task create at its places until none is left or the time is up, and returns where it did.
async fn create<S: Saves>(
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
