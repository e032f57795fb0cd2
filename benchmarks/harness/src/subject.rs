//! A store that is measured by itself.

use std::{sync::Arc, time::Duration};

use crate::{child, values::Values, works::Work};

/// A store, ours or a peer's, with the five things that are done to it.
///
/// Sessions have places, numbers from 0 on, that stand for their keys. A task works on places of its own, so that no
/// save is in the way of another.
pub trait Subject: Send + Sync + 'static {
    /// How often the clock is read: once in so many operations. More than 1 where an operation takes less than it.
    const BATCH: usize = 1;

    /// What a task holds while it works: values that are ready to be saved.
    type Hand: Send + 'static;

    /// Returns a hand that holds `values`.
    fn hand(&self, values: &Values) -> Self::Hand;

    /// Creates the session at `place`, where none is.
    fn create(&self, hand: &mut Self::Hand, place: usize) -> impl Future<Output = ()> + Send;

    /// Loads the session at `place`.
    fn load(&self, place: usize) -> impl Future<Output = ()> + Send;

    /// Saves the session at `place` with values that say `change`, which no earlier save said.
    fn save(&self, hand: &mut Self::Hand, place: usize, change: u64) -> impl Future<Output = ()> + Send;

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
    let (subject, values) = (Arc::new(subject), Values::of(bytes));
    Work::fill(&subject, &values, sessions).await;
    child::answer_rounds(async |round| {
        let [work, tasks, millis] = round else { panic!("a round is WORK TASKS MILLISECONDS") };
        let time = Duration::from_millis(millis.parse().expect("a number of milliseconds"));
        let work: Work = work.parse().expect("a work");
        work.round(&subject, &values, sessions, tasks.parse().expect("a number of tasks"), time).await
    })
    .await;
}
