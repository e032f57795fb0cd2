//! Objects that use the store as they are dropped.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use session_core::{Key, Object, Store, Timestamp};

use crate::{
    ctx::Ctx,
    fixture::{Bystander, Idle, Subject},
};

/// Makes objects that use the store as they are dropped.
pub(super) struct LastCalls {
    store: Arc<dyn Store>,
    now: Timestamp,
    bystander: Bystander,
    held_up: Arc<Mutex<Vec<Idle>>>,
}

impl LastCalls {
    /// They use it at `now`; `taken` has to live for as long as there are any.
    pub(super) fn new(ctx: &Ctx, store: &Arc<dyn Store>, taken: &Subject, now: Timestamp) -> Self {
        let bystander = Bystander::new(ctx, store, taken, now);
        Self { store: Arc::clone(store), now, bystander, held_up: Arc::default() }
    }

    /// Returns an object for the session under `key`, and whether it was dropped.
    pub(super) fn one(&self, key: &Key) -> (Object, Arc<AtomicBool>) {
        let is_gone = Arc::<AtomicBool>::default();
        let last = LastCall {
            store: Arc::clone(&self.store),
            key: *key,
            now: self.now,
            bystander: self.bystander.clone(),
            held_up: Arc::clone(&self.held_up),
            is_gone: Arc::clone(&is_gone),
        };
        (Arc::new(last), is_gone)
    }

    /// Returns the writes of others that waited until an object was dropped.
    pub(super) fn held_up(&self) -> Vec<Idle> {
        self.held_up.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Uses the store as it is dropped, and has others use it meanwhile.
struct LastCall {
    store: Arc<dyn Store>,
    key: Key,
    now: Timestamp,
    bystander: Bystander,
    held_up: Arc<Mutex<Vec<Idle>>>,
    is_gone: Arc<AtomicBool>,
}

impl Drop for LastCall {
    fn drop(&mut self) {
        let same = self.key;
        for key in [same, Key::from_bytes([0x77; 16])] {
            if let Some(objects) = self.store.objects() {
                objects.get(&key, "it", self.now);
                objects.remove(&key, "other", self.now);
            }
        }
        let mut held_up = self.held_up.lock().unwrap_or_else(PoisonError::into_inner);
        // To wait in vain once is enough.
        if held_up.is_empty() {
            *held_up = self.bystander.held_up();
        }
        drop(held_up);
        self.is_gone.store(true, Ordering::SeqCst);
    }
}
