//! A store whose calls pause and fail at random.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker},
};

use async_trait::async_trait;
use session_core::{AtOnce, Expect, Key, Record, Result, Revision, Store, Stored, Timestamp};

use super::{Chance, Fault, PromptStore, ScriptedStore};

/// A store whose calls pause and fail at random. A clone is a handle.
#[derive(Clone, Debug)]
pub(crate) struct ChaosStore {
    store: ScriptedStore,
    state: Arc<Mutex<State>>,
    answers_at_once: bool,
}

#[derive(Debug)]
struct State {
    chance: Chance,
    calm: bool,
    /// How many saves there are to each one that fails.
    saves_per_fault: usize,
    paused: BTreeMap<u64, Waker>,
    next: u64,
}

impl ChaosStore {
    pub(crate) fn new(store: ScriptedStore, chance: Chance, saves_per_fault: usize) -> Self {
        let state = State { chance, calm: true, saves_per_fault, paused: BTreeMap::new(), next: 0 };
        Self { store, state: Arc::new(Mutex::new(state)), answers_at_once: false }
    }

    /// Returns the same store as one that answers at once where nothing but a session is loaded or saved.
    pub(crate) fn at_once(&self) -> Self {
        Self { answers_at_once: true, ..self.clone() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// From now on nothing pauses or fails any more, or does again.
    pub(crate) fn be_calm(&self, calm: bool) {
        self.state().calm = calm;
    }

    /// Lets one call go on that paused, and returns whether there was one.
    pub(crate) fn resume_one(&self) -> bool {
        let mut state = self.state();
        let count = state.paused.len();
        if count == 0 {
            return false;
        }
        let index = state.chance.below(count);
        let id = *state.paused.keys().nth(index).unwrap();
        let waker = state.paused.remove(&id).unwrap();
        drop(state);
        waker.wake();
        true
    }

    /// Pauses now and then, before or after the store does something.
    async fn pause(&self) {
        let pauses = {
            let mut state = self.state();
            !state.calm && !state.chance.once_in(3)
        };
        if pauses {
            Pause { store: self.clone(), id: None }.await;
        }
    }

    /// Tells the store what the next save does.
    fn choose_fault(&self) {
        let mut state = self.state();
        let times = state.saves_per_fault;
        if state.calm || !state.chance.once_in(times) {
            return;
        }
        let fault = match state.chance.below(5) {
            0 => Fault::NotApplied,
            1 => Fault::UnknownLanded,
            2 => Fault::UnknownLost,
            3 => Fault::LandsLate,
            _ => Fault::LandsLater,
        };
        drop(state);
        self.store.script([fault]);
    }
}

/// Waits until it is resumed; when it is dropped, nobody is called for it any more.
struct Pause {
    store: ChaosStore,
    id: Option<u64>,
}

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let store = self.store.clone();
        let mut state = store.state();
        let id = *self.id.get_or_insert(state.next);
        if id == state.next {
            state.next += 1;
        } else if !state.paused.contains_key(&id) {
            return Poll::Ready(());
        }
        state.paused.insert(id, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Pause {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            let waker = self.store.state().paused.remove(&id);
            drop(waker);
        }
    }
}

impl AtOnce for ChaosStore {
    fn load_at_once(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        PromptStore(self.store.clone()).load_at_once(key, now)
    }

    fn save_at_once(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        self.choose_fault();
        PromptStore(self.store.clone()).save_at_once(key, record, expect, now)
    }
}

#[async_trait]
impl Store for ChaosStore {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        self.pause().await;
        let loaded = self.store.load(key, now).await;
        self.pause().await;
        loaded
    }

    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        self.pause().await;
        self.choose_fault();
        let saved = self.store.save(key, record, expect, now).await;
        self.pause().await;
        saved
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        self.pause().await;
        let touched = self.store.touch(key, expect, accessed_at, expires_at, now).await;
        self.pause().await;
        touched
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        self.pause().await;
        let deleted = self.store.delete(key).await;
        self.pause().await;
        deleted
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        self.store.delete_expired(now, limit).await
    }

    fn at_once(&self) -> Option<&dyn AtOnce> {
        self.answers_at_once.then_some(self as _)
    }
}
