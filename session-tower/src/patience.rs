//! How long one request waits for the store.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::Duration,
};

use session_core::Outcome;
use tokio::time::{Instant, timeout};

use crate::Error;

/// How long one request waits for the store: all its calls together until its response, and each call after that.
///
/// A store that hangs would otherwise hold a request for one timeout to load, one to commit, and one more at its end.
#[derive(Debug)]
pub(crate) struct Patience {
    whole: Duration,
    left: Mutex<Option<Duration>>,
}

impl Patience {
    pub(crate) fn new(whole: Duration) -> Self {
        Self { whole, left: Mutex::new(Some(whole)) }
    }

    /// Waits for `work`, which may have had this `outcome` when patience runs out.
    ///
    /// Without any patience left, `work` is still tried once: it may be done already. It is pinned by the caller,
    /// because a future that takes another one as an argument has room for it twice.
    pub(crate) async fn wait<T>(
        &self,
        outcome: Outcome,
        mut work: Pin<&mut impl Future<Output = session_core::Result<T>>>,
    ) -> Result<T, Error> {
        // Most calls of most stores are done at once, and a timer would cost more than they do.
        if let Poll::Ready(answer) = poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await {
            return Ok(answer?);
        }
        let limit = self.left().unwrap_or(self.whole);
        let begun = Instant::now();
        let answer = timeout(limit, work).await;
        if let Some(left) = self.left().as_mut() {
            *left = left.saturating_sub(begun.elapsed());
        }
        Ok(answer.map_err(|_| Error::Timeout(outcome))??)
    }

    /// Gives each later call the whole time: the response is on its way, nobody waits for all of them.
    pub(crate) fn renew(&self) {
        *self.left() = None;
    }

    fn left(&self) -> MutexGuard<'_, Option<Duration>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
