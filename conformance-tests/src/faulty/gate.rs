//! A gate that futures wait at.

use std::{
    future::poll_fn,
    mem,
    sync::{Arc, Mutex, PoisonError},
    task::{Poll, Waker},
};

/// A gate that futures wait at until it is opened; a clone is the same gate.
///
/// With it a test decides in which order things happen, and never sleeps.
///
/// ```
/// use conformance_tests::Gate;
///
/// # pollster::block_on(async {
/// let gate = Gate::default();
/// gate.open();
/// gate.pass().await; // It is open, so this returns at once.
/// # });
/// ```
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    open: bool,
    arrived: usize,
    waiting: Vec<Waker>,
}

impl Gate {
    /// Opens the gate for ever, and wakes whoever waits.
    pub fn open(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.open = true;
        let waiting = mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Waits until the gate is open.
    pub async fn pass(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).arrived += 1;
        poll_fn(|context| {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if state.open {
                return Poll::Ready(());
            }
            state.waiting.push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Returns how many have come to the gate so far, whether they passed or not.
    #[must_use]
    pub fn arrived(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).arrived
    }
}
