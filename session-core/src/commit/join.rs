//! Waiting for the verdict on a list.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use super::{Entry, Line, Verdict, entry::Next};
use crate::context;

/// The future of one commit that waits for the verdict on an entry, and drives the line meanwhile.
#[derive(Debug)]
pub(crate) struct Join {
    context: Arc<context::Context>,
    line: Arc<Line>,
    entry: Arc<Entry>,
    finished: bool,
}

impl Join {
    pub(crate) fn new(context: Arc<context::Context>, entry: Arc<Entry>) -> Self {
        entry.enter();
        let line = entry.line(&context.lines);
        Self { context, line, entry, finished: false }
    }
}

impl Future for Join {
    type Output = Verdict;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Verdict> {
        // Most saves of a fast store are done at once, and nobody has to be called. Otherwise this task is noted, and
        // looks again: what happened in between has called nobody.
        if let Poll::Ready(verdict) = self.advance() {
            return Poll::Ready(verdict);
        }
        self.line.bell.register(cx.waker());
        self.advance()
    }
}

impl Join {
    /// Goes as far as it goes without waiting.
    fn advance(&mut self) -> Poll<Verdict> {
        loop {
            let round = match self.entry.next() {
                Next::Take(verdict) => {
                    self.finished = true;
                    return Poll::Ready(verdict);
                }
                Next::Poll(round) => Some(round),
                Next::Wait => self.line.round(&self.context),
                Next::Queue => {
                    self.line.push(&self.entry);
                    self.line.round(&self.context)
                }
            };
            let Some(round) = round else { return Poll::Pending };
            round.poll();
            if !round.is_done() {
                return Poll::Pending;
            }
        }
    }
}

impl Drop for Join {
    fn drop(&mut self) {
        self.line.leave(&self.entry);
        if !self.finished {
            // The task that was called last may be this one, so the others are called in its place.
            self.line.bell.ring();
        }
    }
}
