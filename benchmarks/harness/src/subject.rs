//! A store that is measured by itself.

use std::{sync::Arc, time::Duration};

use crate::{
    child::{self, Done},
    values::Values,
    works::{Load, Mix, Round, Save, Touch, Work, births, repeated},
};

/// What sessions are saved in, ours or a peer's.
///
/// Sessions have places, numbers from 0 on, that stand for their keys. A task works on places of its own, so that no
/// save is in the way of another.
pub trait Saves: Send + Sync + 'static {
    /// How often the clock is read: once in so many operations. More than 1 where an operation takes less than it.
    const BATCH: usize = 1;

    /// What a task holds while it works: values that are ready to be saved.
    type Hand: Send + 'static;

    /// Returns a hand that holds `values`.
    fn hand(&self, values: &Values) -> Self::Hand;

    /// Creates the session at `place`, where none is.
    fn create(&self, hand: &mut Self::Hand, place: usize) -> impl Future<Output = ()> + Send;

    /// Saves the session at `place` with values that say `change`, which no earlier save said.
    fn save(&self, hand: &mut Self::Hand, place: usize, change: u64) -> impl Future<Output = ()> + Send;
}

/// What sessions are loaded from as well.
pub trait Loads: Saves {
    /// Loads the session at `place`.
    fn load(&self, place: usize) -> impl Future<Output = ()> + Send;
}

/// A store, with the five things that are done to it.
pub trait Subject: Loads {
    /// Lets the session at `place` live until a later time, which `change` tells.
    fn touch(&self, hand: &mut Self::Hand, place: usize, change: u64) -> impl Future<Output = ()> + Send;

    /// Deletes the session at `place`.
    fn delete(&self, place: usize) -> impl Future<Output = ()> + Send;
}

/// Fills `subject` with sessions of so many bytes, and then works as it is told, a line for each round:
/// `WORK TASKS MILLISECONDS`.
///
/// # Panics
///
/// On a line that says something else.
pub async fn store_rounds<S: Subject>(subject: S, bytes: usize, sessions: usize) {
    rounds(subject, bytes, sessions, async |work, round| match work {
        Work::Create | Work::Delete => births::round(work, round).await,
        Work::Load => repeated::round(round, Load).await,
        Work::Save => repeated::round(round, Save).await,
        Work::Touch => repeated::round(round, Touch).await,
        Work::Mix => repeated::round(round, Mix).await,
    })
    .await;
}

/// As [`store_rounds`], for a subject that only loads and saves are measured of.
///
/// # Panics
///
/// On a line that says something else.
pub async fn load_and_save_rounds<S: Loads>(subject: S, bytes: usize, sessions: usize) {
    rounds(subject, bytes, sessions, async |work, round| match work {
        Work::Load => repeated::round(round, Load).await,
        Work::Save => repeated::round(round, Save).await,
        other => panic!("{other:?} is not measured of it"),
    })
    .await;
}

/// As [`store_rounds`], for a subject that only saves are measured of.
///
/// # Panics
///
/// On a line that says something else.
pub async fn save_rounds<S: Saves>(subject: S, bytes: usize, sessions: usize) {
    rounds(subject, bytes, sessions, async |work, round| match work {
        Work::Save => repeated::round(round, Save).await,
        other => panic!("{other:?} is not measured of it"),
    })
    .await;
}

async fn rounds<S: Saves>(
    subject: S,
    bytes: usize,
    sessions: usize,
    mut work_on: impl AsyncFnMut(Work, &Round<S>) -> Done,
) {
    let (subject, values) = (Arc::new(subject), Values::of(bytes));
    births::fill(&subject, &values, sessions).await;
    child::answer_rounds(async |line| {
        let [work, tasks, millis] = line else { panic!("a round is WORK TASKS MILLISECONDS") };
        let round = Round {
            subject: Arc::clone(&subject),
            values: values.clone(),
            sessions,
            tasks: tasks.parse().expect("a number of tasks"),
            time: Duration::from_millis(millis.parse().expect("a number of milliseconds")),
        };
        work_on(work.parse().expect("a work"), &round).await
    })
    .await;
}
