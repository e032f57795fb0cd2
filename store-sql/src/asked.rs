//! What somebody asks for, and the answer.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::oneshot;

use crate::call::Call;

/// What can be done for many at once.
pub(crate) trait Work: Send + Sync + 'static {
    type Ask: Send + 'static;
    type Answer: Send + 'static;

    /// Returns the call that asks.
    fn call(ask: &Self::Ask) -> &Call;

    /// Returns about how many bytes are sent for it.
    fn bytes(ask: &Self::Ask) -> usize;

    /// Returns the answer to a call whose time is over, and which may have been sent if it `was_begun`.
    fn late(call: &Call, was_begun: bool) -> Self::Answer;

    /// Carries out a batch and answers each.
    fn carry_out(&self, batch: Vec<Asked<Self>>) -> impl Future<Output = ()> + Send;
}

/// What somebody asks for and waits for.
pub(crate) struct Asked<W: Work + ?Sized> {
    pub(crate) ask: W::Ask,
    answer: Arc<Waits<W::Answer>>,
}

impl<W: Work> Asked<W> {
    pub(crate) const fn new(ask: W::Ask, answer: Arc<Waits<W::Answer>>) -> Self {
        Self { ask, answer }
    }

    pub(crate) fn waits(&self) -> Arc<Waits<W::Answer>> {
        Arc::clone(&self.answer)
    }

    pub(crate) fn answer(self, answer: W::Answer) {
        self.answer.hears(answer);
    }
}

/// Where somebody waits for an answer, until there is one: the first counts.
pub(crate) struct Waits<A>(Mutex<Option<oneshot::Sender<A>>>);

impl<A> Waits<A> {
    pub(crate) const fn new(answer: oneshot::Sender<A>) -> Self {
        Self(Mutex::new(Some(answer)))
    }

    pub(crate) fn hears(&self, answer: A) {
        let waits = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Nobody may wait for it any more.
        let _ = waits.map(|waits| waits.send(answer));
    }
}
