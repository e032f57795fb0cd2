//! One thread for what reads a lot, so that no `poll` does.

use std::{
    fmt,
    panic::{self, AssertUnwindSafe},
    sync::mpsc::{self, Sender},
    thread,
};

use session_core::Result;
use tokio::sync::oneshot;

use crate::fault::{self, Refusal};

type Work = Box<dyn FnOnce() + Send>;

/// Hands lists to the thread, which ends when this is dropped.
pub(crate) struct Reader {
    inbox: Sender<Work>,
}

impl Reader {
    /// Starts the thread.
    pub(crate) fn start() -> Result<Self> {
        let (inbox, calls) = mpsc::channel::<Work>();
        let work = move || {
            for call in calls {
                // A panic is the caller's, who sees its answer dropped; the thread goes on.
                let _ = panic::catch_unwind(AssertUnwindSafe(call));
            }
        };
        let spawned = thread::Builder::new().name("store-shelf-reader".into()).spawn(work);
        spawned.map_err(|cause| fault::not_applied("start its reader thread", cause))?;
        Ok(Self { inbox })
    }

    /// Does `work` on the thread. Nothing is done for a caller who was dropped before it began.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let call = move || {
            if !reply.is_closed() {
                let _ = reply.send(work());
            }
        };
        let ended = || Err(fault::not_applied("read its file", Refusal::Closed));
        match self.inbox.send(Box::new(call)) {
            Ok(()) => answer.await.unwrap_or_else(|_| ended()),
            Err(_) => ended(),
        }
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}
