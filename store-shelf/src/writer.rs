//! The one thread of a store that changes its file.
//!
//! Calls are carried out in the order in which they were first polled. A call that was dropped before its turn is skipped;
//! one that was dropped later is carried out before any that came after it. So a dropped write never lands after a later one
//! that was answered.
//!
//! While a batch is committed, the next one gathers. So a lone write does not wait for others, and many share one sync.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread,
};

use session_core::{Error, Result, Teller};
use tokio::sync::watch;

use crate::{
    batch,
    fault::{self, Refusal},
    gather::{Gathering, now},
    job::{Call, Job},
    shelf::Shelf,
    tables::Tables,
};

type Inbox = Sender<Box<dyn Job>>;

/// Hands jobs to the thread. When it is dropped, the thread does all jobs that wait, closes the file and ends.
pub(crate) struct Writer {
    /// Gone once the store was closed.
    inbox: Mutex<Option<Inbox>>,
    /// Its other end goes with the thread.
    ended: watch::Receiver<()>,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(shelf: Arc<Shelf>) -> Result<Self> {
        let (inbox, jobs) = mpsc::channel();
        let (end, ended) = watch::channel(());
        let work = move || {
            work(&shelf, &jobs);
            drop(end);
        };
        let spawned = thread::Builder::new().name("store-shelf-writer".into()).spawn(work);
        spawned.map_err(|cause| fault::not_applied("start its writer thread", cause))?;
        Ok(Self { inbox: Mutex::new(Some(inbox)), ended })
    }

    /// Has a change made, and waits until it is committed.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        change: impl FnMut(&mut Tables<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (call, answer) = Call::new(change);
        self.submit(Box::new(call))?;
        answer.await.unwrap_or_else(|_| Err(fault::unknown("finish a write", Refusal::Closed)))
    }

    /// Waits until everything that was asked for is done and the file is closed.
    pub(crate) async fn close(&self) {
        drop(self.take_inbox());
        let mut ended = self.ended.clone();
        while ended.changed().await.is_ok() {}
    }

    fn take_inbox(&self) -> Option<Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn submit(&self, job: Box<dyn Job>) -> Result<(), Error> {
        let inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = inbox.as_ref().is_some_and(|inbox| inbox.send(job).is_ok());
        if sent { Ok(()) } else { Err(fault::not_applied("begin a write", Refusal::Closed)) }
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

fn work(shelf: &Shelf, jobs: &Receiver<Box<dyn Job>>) {
    let (mut gathering, mut teller) = (Gathering::default(), Teller::named("shelf-tell"));
    while let Some(batch) = gathering.next(jobs) {
        let batch: Vec<_> = batch.into_iter().filter(|job| !job.is_dropped()).collect();
        let (count, begun) = (batch.len(), now());
        batch::carry_out(shelf, &mut teller, batch);
        gathering = Gathering::after(count, begun.elapsed());
    }
    shelf.close();
}

#[cfg(test)]
mod tests;
