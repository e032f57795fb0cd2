//! Closures of `update` that change a session.
//!
//! A closure runs as often as its list is replayed. One that changed its own session each time would give its handle
//! something new to commit, and to read again, without an end.

use std::cell::Cell;

use crate::{Error, Result};

thread_local! {
    static RUN: Cell<Run> = const { Cell::new(Run::Outside) };
}

/// What this thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    Outside,
    /// It runs a closure.
    Inside,
    /// It runs a closure that has changed a session.
    Changed,
}

/// Runs the closure for the value called `name`, and refuses it if it has changed a session.
pub(super) fn watch(name: &str, closure: impl FnOnce()) -> Result<()> {
    let before = Before(RUN.replace(Run::Inside));
    closure();
    let changed = RUN.get() == Run::Changed;
    drop(before);
    if changed { Err(Error::Nested { name: name.into() }) } else { Ok(()) }
}

/// Notes that a session is changed.
pub(super) fn note() {
    if RUN.get() == Run::Inside {
        RUN.set(Run::Changed);
    }
}

/// Puts back what the thread did before, even when the closure panics.
struct Before(Run);

impl Drop for Before {
    fn drop(&mut self) {
        RUN.set(self.0);
    }
}
