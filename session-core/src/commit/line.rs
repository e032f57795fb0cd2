//! The lists for one session that meet in this process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use super::{
    Entry, Start, create,
    entry::Doubt,
    round,
    shared::{Bell, Shared, Work},
};
use crate::{Key, context::Context, frame::Loaded};

/// The lists for one session that meet in this process: one round at a time, all that wait go into the next.
#[derive(Debug, Default)]
pub(crate) struct Line {
    queue: Mutex<Queue>,
    pub(crate) bell: Arc<Bell>,
    /// Where others find it, unless it is the line of a session that is yet to be created.
    place: Option<(Key, Lines)>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Arc<Entry>>,
    /// The round under way; the commits that wait for it keep it alive.
    round: Weak<Shared>,
    /// The session as the last round left it.
    newest: Option<Loaded>,
}

impl Line {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts `entry` at the end.
    pub(crate) fn push(&self, entry: &Arc<Entry>) {
        self.queue().waiting.push(entry.clone());
    }

    /// Takes `entry` out, whose commits were all dropped.
    pub(crate) fn remove(&self, entry: &Arc<Entry>) {
        self.queue().waiting.retain(|waiting| !Arc::ptr_eq(waiting, entry));
    }

    /// Notes the session as a round left it.
    pub(crate) fn remember(&self, newest: Option<Loaded>) {
        self.queue().newest = newest;
    }

    /// Returns the round under way, or begins one with all that wait.
    pub(crate) fn round(self: &Arc<Self>, context: &Arc<Context>) -> Option<Arc<Shared>> {
        let mut queue = self.queue();
        if let Some(round) = queue.round.upgrade().filter(|round| !round.is_done()) {
            return Some(round);
        }
        let batch = std::mem::take(&mut queue.waiting);
        let first = batch.first()?;
        let doubt = Doubt::default();
        let work: Work = match &first.start {
            Start::New(content) => Box::pin(create::run(context.clone(), first.clone(), (**content).clone())),
            Start::Stored(loaded) => {
                let (key, _) = self.place.as_ref()?;
                let newest = newest(&batch, queue.newest.as_ref().unwrap_or(loaded));
                Box::pin(round::run(
                    context.clone(),
                    *key,
                    self.clone(),
                    batch.clone(),
                    newest,
                    doubt.clone(),
                ))
            }
        };
        let round = Shared::new(work, self.bell.clone());
        for entry in &batch {
            entry.ride(&round, &doubt);
        }
        queue.round = Arc::downgrade(&round);
        Some(round)
    }
}

/// Returns the newest state that anybody has seen; an older one would cost a conflict.
fn newest(batch: &[Arc<Entry>], known: &Loaded) -> Loaded {
    let seen = batch.iter().filter_map(|entry| match &entry.start {
        Start::Stored(loaded) => Some(loaded),
        Start::New(_) => None,
    });
    seen.chain([known]).max_by_key(|loaded| loaded.revision).unwrap_or(known).clone()
}

impl Drop for Line {
    /// Leaves the list of lines; a line of the same key that was made meanwhile stays.
    fn drop(&mut self) {
        let Some((key, lines)) = &self.place else { return };
        let mut lines = lines.lock();
        if lines.get(key).is_some_and(|line| line.strong_count() == 0) {
            lines.remove(key);
        }
    }
}

/// The lines of this process, by key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines(Arc<Mutex<HashMap<Key, Weak<Line>>>>);

impl Lines {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Weak<Line>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the line of the session called `key`.
    pub(crate) fn of(&self, key: Key) -> Arc<Line> {
        let mut lines = self.lock();
        let place = lines.entry(key).or_default();
        if let Some(line) = place.upgrade() {
            return line;
        }
        let line = Arc::new(Line {
            place: Some((key, self.clone())),
            queue: Mutex::default(),
            bell: Arc::default(),
        });
        *place = Arc::downgrade(&line);
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_in_which_nobody_stands_leaves_nothing_behind() {
        let (lines, key) = (Lines::default(), Key::from_bytes([7; 16]));
        let (one, two) = (lines.of(key), lines.of(key));
        assert!(Arc::ptr_eq(&one, &two));
        drop(one);
        assert_eq!(lines.lock().len(), 1);
        drop(two);
        assert_eq!(lines.lock().len(), 0);
    }
}
