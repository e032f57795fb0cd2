//! The writes of one session, one after the other.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use session_core::Key;
use tokio::sync::oneshot;

/// Lets the writes of each session take place in the order in which they were asked for.
///
/// A statement that was sent takes effect, whether or not somebody waits for its answer. So a write that was dropped goes on to its
/// end, and the next one of the same session begins after that: otherwise it could be answered first, over another
/// connection, and the dropped one would land after it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turns {
    last: Arc<Mutex<Last>>,
}

#[derive(Debug, Default)]
struct Last {
    /// The write that asked last, of each session that is being written.
    turns: HashMap<Key, Waiting>,
    count: u64,
}

#[derive(Debug)]
struct Waiting {
    number: u64,
    ended: oneshot::Receiver<()>,
}

/// The place of one write. The next one comes when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    turns: Turns,
    key: Key,
    number: u64,
    before: Option<oneshot::Receiver<()>>,
    /// Its drop tells the next one.
    _end: oneshot::Sender<()>,
}

impl Turns {
    /// Takes the next place.
    pub(crate) fn enter(&self, key: &Key) -> Turn {
        let (end, ended) = oneshot::channel();
        let mut last = self.lock();
        last.count += 1;
        let number = last.count;
        let before = last.turns.insert(*key, Waiting { number, ended }).map(|before| before.ended);
        drop(last);
        Turn { turns: self.clone(), key: *key, number, before, _end: end }
    }

    fn lock(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Waits until all that asked before have ended. Whoever stops waiting must go on with it later, before
    /// dropping this.
    pub(crate) async fn come(&mut self) {
        if let Some(before) = &mut self.before {
            // An error is the end as well: it is what a drop sends.
            let _ = before.await;
            self.before = None;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Entry::Occupied(last) = self.turns.lock().turns.entry(self.key)
            && last.get().number == self.number
        {
            last.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Waker},
    };

    use super::*;

    fn has_come(turn: &mut Turn) -> bool {
        pin!(turn.come()).poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn writes_of_one_session_come_in_their_order_and_others_at_once() {
        let (turns, one) = (Turns::default(), Key::from_bytes([1; 16]));
        let (mut first, mut second, mut third) = (turns.enter(&one), turns.enter(&one), turns.enter(&one));
        let mut other = turns.enter(&Key::from_bytes([2; 16]));
        assert!(has_come(&mut first) && has_come(&mut other));
        assert!(!has_come(&mut second) && !has_come(&mut third));
        drop(first);
        assert!(!has_come(&mut third) && has_come(&mut second));
        drop(second);
        assert!(has_come(&mut third));
        drop((third, other));
        assert!(turns.lock().turns.is_empty());
    }
}
