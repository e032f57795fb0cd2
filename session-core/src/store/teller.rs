//! Telling who was evicted, on a thread of its own.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::mpsc::{self, Sender},
    thread,
};

use crate::{Key, tell_evicted};

/// Tells who was evicted, on a thread that begins with the first one and ends when this is dropped and all are told.
///
/// For stores with a cap that write on a thread of their own. Whoever listens may take his time, and may use the store: no call
/// waits until he has heard, unless no thread can be started. Keys that wait to be told are kept in memory, and those that
/// still wait when the process ends are told to nobody.
///
/// ```
/// use session_core::{Key, Teller};
///
/// let mut teller = Teller::named("my-store-tell");
/// teller.tell(vec![Key::from_bytes([7; 16])]);
/// ```
#[derive(Debug)]
pub struct Teller {
    name: &'static str,
    inbox: Option<Sender<Vec<Key>>>,
}

impl Teller {
    /// Returns one whose thread will have this name, of which Linux shows the first 15 bytes.
    #[must_use]
    pub fn named(name: &'static str) -> Self {
        Self { name, inbox: None }
    }

    /// Has these told, in this order and after those before, and does not wait for it where a thread can be started.
    ///
    /// # Panics
    ///
    /// Where the name of the thread has a null byte.
    pub fn tell(&mut self, evicted: Vec<Key>) {
        if evicted.is_empty() {
            return;
        }
        if self.inbox.is_none() {
            self.inbox = start(self.name);
        }
        match &self.inbox {
            // The thread is there as long as the inbox is.
            Some(inbox) => drop(inbox.send(evicted)),
            // Rather here than never.
            None => tell_each(evicted),
        }
    }
}

fn start(name: &'static str) -> Option<Sender<Vec<Key>>> {
    let (inbox, evicted) = mpsc::channel::<Vec<Key>>();
    let tell = move || tell_each(evicted.into_iter().flatten());
    thread::Builder::new().name(name.into()).spawn(tell).ok().map(|_| inbox)
}

fn tell_each(evicted: impl IntoIterator<Item = Key>) {
    for key in evicted {
        // A panic of whoever listens is his own: the next one is told all the same.
        let _ = panic::catch_unwind(AssertUnwindSafe(|| tell_evicted(&key)));
    }
}
