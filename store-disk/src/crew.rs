//! A few threads for what blocks, so that no `poll` does and no runtime is needed.

use std::{
    collections::VecDeque,
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use session_core::Result;
use tokio::sync::oneshot;

use crate::fault::{self, Refusal};

type Work = Box<dyn FnOnce() + Send>;

/// A few threads that are started when needed, and end when the crew is dropped.
#[derive(Debug)]
pub(crate) struct Crew {
    name: &'static str,
    most: usize,
    desk: Arc<Desk>,
}

#[derive(Debug, Default)]
struct Desk {
    state: Mutex<State>,
    bell: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Work>,
    idle: usize,
    threads: usize,
    closed: bool,
}

impl Crew {
    /// Returns a crew of at most so many threads.
    pub(crate) fn new(name: &'static str, most: usize) -> Self {
        Self { name, most, desk: Arc::default() }
    }

    /// Does `work` on a thread that may block. Nothing is done for a caller who was dropped before it began.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.submit(Box::new(move || {
            if !reply.is_closed() {
                let _ = reply.send(work());
            }
        }))?;
        answer.await.unwrap_or_else(|_| Err(fault::not_applied("finish a read", Refusal::Ended)))
    }

    fn submit(&self, work: Work) -> Result<()> {
        let mut state = self.desk.state();
        state.waiting.push_back(work);
        if state.idle >= state.waiting.len() || state.threads == self.most {
            drop(state);
            self.desk.bell.notify_one();
            return Ok(());
        }
        match self.start() {
            Ok(_) => state.threads += 1,
            // Those who are there will come to it.
            Err(_) if state.threads > 0 => {}
            Err(cause) => {
                state.waiting.pop_back();
                return Err(fault::not_applied("start a thread", cause));
            }
        }
        Ok(())
    }

    fn start(&self) -> std::io::Result<thread::JoinHandle<()>> {
        let desk = Arc::clone(&self.desk);
        thread::Builder::new().name(self.name.into()).spawn(move || desk.work())
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.desk.state().closed = true;
        self.desk.bell.notify_all();
    }
}

impl Desk {
    fn work(&self) {
        while let Some(work) = self.next() {
            // A panic is the caller's, who sees its answer dropped; the thread goes on.
            let _ = panic::catch_unwind(AssertUnwindSafe(work));
        }
    }

    fn next(&self) -> Option<Work> {
        let mut state = self.state();
        loop {
            if let Some(work) = state.waiting.pop_front() {
                return Some(work);
            }
            if state.closed {
                return None;
            }
            state.idle += 1;
            state = self.bell.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("waiting", &self.waiting.len()).field("threads", &self.threads).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_ends_its_own_call_and_no_thread() {
        let crew = Crew::new("test", 1);
        let panicked = crew.run::<()>(|| panic!("on purpose")).await;
        assert!(panicked.is_err());
        assert_eq!(crew.run(|| Ok(7)).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn no_more_threads_than_allowed_are_started() {
        let crew = Arc::new(Crew::new("test", 2));
        let calls: Vec<_> = (0..16)
            .map(|n| {
                let crew = Arc::clone(&crew);
                tokio::spawn(async move { crew.run(move || Ok(n)).await })
            })
            .collect();
        for (n, call) in calls.into_iter().enumerate() {
            assert_eq!(call.await.unwrap().unwrap(), n);
        }
        assert!(crew.desk.state().threads <= 2);
    }
}
