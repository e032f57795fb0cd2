//! The lists for one session that meet in this process.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{
    Entry, Start, create,
    entry::Left,
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

    /// Counts a commit that stops waiting for `entry`; the last one takes it out.
    ///
    /// Both in one step: if another commit put it in the line in between, it would stand there twice, or not at all.
    pub(crate) fn leave(&self, entry: &Arc<Entry>) {
        let mut queue = self.queue();
        let round = match entry.leave() {
            Left::Nothing => None,
            Left::Line => {
                queue.waiting.retain(|waiting| !Arc::ptr_eq(waiting, entry));
                None
            }
            Left::Round(round) => Some(round),
        };
        drop(queue);
        drop(round);
    }

    /// Notes the session as a round left it.
    fn remember(&self, newest: Option<Loaded>) {
        let before = std::mem::replace(&mut self.queue().newest, newest);
        drop(before);
    }

    /// Lets the commits of `entry` poll its save, which its store did not answer at once: the round under way, unless
    /// another one is, which then is too late or too early for it.
    pub(crate) fn adopt(self: &Arc<Self>, entry: &Arc<Entry>, save: round::Saving) {
        let round = Shared::new(self.remembering(save), self.bell.clone());
        let mut queue = self.queue();
        entry.ride(&round);
        let other = queue.round.upgrade();
        if other.as_ref().is_none_or(|other| other.is_done()) {
            queue.round = Arc::downgrade(&round);
        }
        drop(queue);
        drop(other);
        self.bell.ring();
    }

    /// Returns the work of saving, after which the line knows how the session was left.
    fn remembering(self: &Arc<Self>, save: round::Saving) -> Work {
        let line = self.clone();
        Box::pin(async move {
            let newest = save.await;
            line.remember(newest);
        })
    }

    /// Returns the round under way, or begins one with all that wait.
    pub(crate) fn round(self: &Arc<Self>, context: &Arc<Context>) -> Option<Arc<Shared>> {
        let mut queue = self.queue();
        if let Some(round) = queue.round.upgrade().filter(|round| !round.is_done()) {
            return Some(round);
        }
        let batch = std::mem::take(&mut queue.waiting);
        let first = batch.first()?;
        let work: Work = match &first.start {
            Start::New(content) => Box::pin(create::run(context.clone(), first.clone(), (**content).clone())),
            Start::Stored(loaded) => {
                let (key, _) = self.place.as_ref()?;
                let newest = newest(&batch, queue.newest.as_ref().unwrap_or(loaded));
                let save = round::run(context.clone(), *key, batch.clone(), Some(newest));
                self.remembering(Box::pin(save))
            }
        };
        let round = Shared::new(work, self.bell.clone());
        for entry in &batch {
            entry.ride(&round);
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
        let mut by_key = lines.lock();
        if by_key.get(key).is_some_and(|line| line.strong_count() == 0) {
            by_key.remove(key);
            lines.0.count.store(by_key.len(), Ordering::Relaxed);
        }
    }
}

/// The lines of this process, by key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines(Arc<ByKey>);

#[derive(Debug, Default)]
struct ByKey {
    lines: Mutex<HashMap<Key, Weak<Line>>>,
    /// How many there are, to be read without the lock.
    count: AtomicUsize,
}

impl Lines {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Weak<Line>>> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether anybody stands in the line of the session called `key`, as far as this thread has heard.
    pub(crate) fn is_busy(&self, key: &Key) -> bool {
        // On a store that answers at once there hardly ever is a line.
        self.0.count.load(Ordering::Relaxed) > 0 && self.lock().contains_key(key)
    }

    /// Returns the line of the session called `key`.
    pub(crate) fn of(&self, key: Key) -> Arc<Line> {
        let mut by_key = self.lock();
        let place = by_key.entry(key).or_default();
        if let Some(line) = place.upgrade() {
            return line;
        }
        let line = Arc::new(Line {
            place: Some((key, self.clone())),
            queue: Mutex::default(),
            bell: Arc::default(),
        });
        *place = Arc::downgrade(&line);
        self.0.count.store(by_key.len(), Ordering::Relaxed);
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

    #[test]
    fn a_session_is_busy_as_long_as_somebody_stands_in_its_line() {
        let (lines, [key, other]) = (Lines::default(), [7, 8].map(|byte| Key::from_bytes([byte; 16])));
        assert!(!lines.is_busy(&key));
        let line = lines.of(key);
        assert!(lines.is_busy(&key) && !lines.is_busy(&other));
        drop(line);
        assert!(!lines.is_busy(&key));
    }
}
