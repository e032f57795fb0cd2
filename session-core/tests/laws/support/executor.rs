//! Tasks that are polled in an order of chance, and only when they were called.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use super::Chance;

/// Tasks that are polled in an order of chance, and only when they were called.
pub(crate) struct Executor<T> {
    tasks: Vec<Task<T>>,
}

struct Task<T> {
    id: usize,
    future: Pin<Box<dyn Future<Output = T>>>,
    called: Arc<Called>,
    /// It is never polled, as if whoever owns it did something else.
    idle: bool,
}

struct Called(AtomicBool);

impl Wake for Called {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl<T> Executor<T> {
    pub(crate) const fn new() -> Self {
        Self { tasks: Vec::new() }
    }

    /// Adds a task, to be polled later.
    pub(crate) fn spawn(&mut self, id: usize, future: impl Future<Output = T> + 'static) {
        let called = Arc::new(Called(AtomicBool::new(true)));
        self.tasks.push(Task { id, future: Box::pin(future), called, idle: false });
    }

    /// Polls one of the tasks that were called, and returns what it is called and its output once it is done.
    pub(crate) fn poll_one(&mut self, chance: &mut Chance) -> Polled<T> {
        let called = |task: &Task<T>| !task.idle && task.called.0.load(Ordering::SeqCst);
        let ready: Vec<usize> = (0..self.tasks.len()).filter(|index| called(&self.tasks[*index])).collect();
        if ready.is_empty() {
            return Polled::Nobody;
        }
        let index = ready[chance.below(ready.len())];
        let task = &mut self.tasks[index];
        task.called.0.store(false, Ordering::SeqCst);
        let waker = Waker::from(task.called.clone());
        match task.future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => Polled::Pending,
            Poll::Ready(output) => Polled::Done(self.tasks.swap_remove(index).id, output),
        }
    }

    /// Drops one of the tasks, and returns what it is called.
    pub(crate) fn drop_one(&mut self, chance: &mut Chance) -> Option<usize> {
        if self.tasks.is_empty() {
            return None;
        }
        Some(self.tasks.swap_remove(chance.below(self.tasks.len())).id)
    }

    /// Lets one of the tasks idle from now on.
    pub(crate) fn idle_one(&mut self, chance: &mut Chance) {
        if !self.tasks.is_empty() {
            let index = chance.below(self.tasks.len());
            self.tasks[index].idle = true;
        }
    }

    /// Lets the idle tasks go on, and returns whether there were any.
    pub(crate) fn end_idling(&mut self) -> bool {
        let mut idled = false;
        for task in &mut self.tasks {
            idled |= std::mem::take(&mut task.idle);
        }
        idled
    }

    /// Returns whether a task is left that does not idle.
    pub(crate) fn is_waiting(&self) -> bool {
        self.tasks.iter().any(|task| !task.idle)
    }
}

/// What became of a poll.
pub(crate) enum Polled<T> {
    /// No task was called.
    Nobody,
    Pending,
    Done(usize, T),
}
