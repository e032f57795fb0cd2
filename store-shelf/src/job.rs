//! What the writer thread is asked to do.

use std::panic::{self, AssertUnwindSafe};

use session_core::{Error, Result};
use tokio::sync::oneshot;

use crate::{
    fault::{self, Refusal},
    tables::Tables,
};

/// One change that somebody waits for.
pub(crate) trait Job: Send {
    /// Returns whether nobody waits for the answer any more.
    fn is_dropped(&self) -> bool;

    /// Makes the change in a transaction, as if it were the first time.
    ///
    /// # Errors
    ///
    /// When the transaction is spoilt. A refusal is no error: it is the answer, and has changed nothing.
    fn carry_out(&mut self, tables: &mut Tables<'_>) -> Result<()>;

    /// Tells the answer, or that all of it failed.
    fn answer(self: Box<Self>, outcome: Result<()>);
}

/// A job of any answer.
pub(crate) struct Call<T, F> {
    change: F,
    answer: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, F> Call<T, F>
where
    T: Send,
    F: FnMut(&mut Tables<'_>) -> Result<T> + Send,
{
    /// Returns the job that makes `change`, and where its answer will be.
    pub(crate) fn new(change: F) -> (Self, oneshot::Receiver<Result<T>>) {
        let (reply, answer) = oneshot::channel();
        (Self { change, answer: None, reply }, answer)
    }
}

impl<T, F> Job for Call<T, F>
where
    T: Send,
    F: FnMut(&mut Tables<'_>) -> Result<T> + Send,
{
    fn is_dropped(&self) -> bool {
        self.reply.is_closed()
    }

    fn carry_out(&mut self, tables: &mut Tables<'_>) -> Result<()> {
        // A damaged file may make redb panic.
        let answer = panic::catch_unwind(AssertUnwindSafe(|| (self.change)(tables)))
            .unwrap_or_else(|_| Err(fault::not_applied("read its file", Refusal::Damaged)));
        match answer {
            Err(error @ (Error::Backend { .. } | Error::Full)) => Err(error),
            answer => {
                self.answer = Some(answer);
                Ok(())
            }
        }
    }

    fn answer(self: Box<Self>, outcome: Result<()>) {
        let Self { answer, reply, .. } = *self;
        let begun = answer.unwrap_or_else(|| Err(fault::not_applied("begin a write", Refusal::Closed)));
        // Who dropped the call after it began is told nothing, and the change stays.
        let _ = reply.send(outcome.and(begun));
    }
}
