//! Where the work of a store is done.

use std::{fmt, future::Future, pin::Pin, thread};

use session_core::{Error, Result};
use tokio::{
    runtime::{Builder, Handle},
    sync::mpsc,
};

use crate::fault::{self, Cause};

/// What is done when nothing else is left to do.
type Wish = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs each call to its end, whether or not its caller waits for that.
///
/// A store that connects by itself has a thread with a runtime of its own, so that any executor may poll it, and no runtime
/// that ends takes a connection with it. It lasts until the last handle is dropped and all that was begun is done.
#[derive(Clone)]
pub(crate) struct Executor {
    handle: Handle,
    /// The thread of the runtime ends when all of these are gone.
    alive: Option<mpsc::UnboundedSender<Wish>>,
}

impl Executor {
    /// Starts a thread with a runtime.
    pub(crate) fn start() -> Result<Self> {
        let failed = |error: std::io::Error| Error::backend("store-sql", "start its thread", error);
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (alive, mut wishes) = mpsc::unbounded_channel::<Wish>();
        let executor = Self { handle: runtime.handle().clone(), alive: Some(alive) };
        let work = move || {
            runtime.block_on(async {
                let mut last = Vec::new();
                while let Some(wish) = wishes.recv().await {
                    last.push(wish);
                }
                for wish in last {
                    wish.await;
                }
            });
        };
        thread::Builder::new().name("store-sql".into()).spawn(work).map_err(failed)?;
        Ok(executor)
    }

    /// Uses the runtime that this is called in.
    pub(crate) fn here() -> Result<Self> {
        let handle = Handle::try_current()
            .map_err(|_| fault::not_applied("use a pool outside of a runtime", Cause::NoRuntime))?;
        Ok(Self { handle, alive: None })
    }

    /// Has something done when the last handle is gone, where the runtime is our own.
    pub(crate) fn in_the_end(&self, wish: impl Future<Output = ()> + Send + 'static) {
        if let Some(alive) = &self.alive {
            // It fails only when the thread has ended, and then everything is closed.
            let _ = alive.send(Box::pin(wish));
        }
    }

    /// Begins what nobody waits for as a whole. It has to hold a clone of this, or the thread might end before it.
    pub(crate) fn begin(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(work);
    }

    /// Does the work and returns its result. Dropping the returned future does not stop the work.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let alive = self.alive.clone();
        let task = self.handle.spawn(async move {
            let done = work.await;
            drop(alive);
            done
        });
        task.await.unwrap_or_else(|_| Err(fault::sent("end a call", Cause::NoRuntime)))
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor").finish_non_exhaustive()
    }
}
