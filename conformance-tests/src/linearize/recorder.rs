//! Writes down every call and its answer.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use session_core::{Expect, Key, Record, Result, Revision, Store, Stored, Timestamp};

use crate::linearize::{Action, Operation, Reply};

/// A store whose every call is written down with its place among all calls and answers. A clone writes to the same
/// history.
///
/// A call that is dropped before it is answered is written down as such.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    store: Arc<dyn Store>,
    log: Arc<Log>,
}

#[derive(Debug, Default)]
struct Log {
    /// The order of real time: what ended before something else began has the smaller number.
    places: AtomicU64,
    calls: Mutex<Vec<(Key, Operation)>>,
}

impl Recorder {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, log: Arc::default() }
    }

    /// Returns another handle of the same sessions, which writes to the same history.
    pub(crate) fn beside(&self, store: Arc<dyn Store>) -> Self {
        Self { store, log: Arc::clone(&self.log) }
    }

    /// Returns what was written down for each key.
    pub(crate) fn histories(&self) -> BTreeMap<Key, Vec<Operation>> {
        let mut histories: BTreeMap<Key, Vec<Operation>> = BTreeMap::new();
        for (key, operation) in self.log.calls().iter() {
            if operation.reply != Reply::NotApplied {
                histories.entry(*key).or_default().push(operation.clone());
            }
        }
        histories
    }

    /// Returns how many calls were made so far.
    pub(crate) fn calls(&self) -> usize {
        self.log.calls().len()
    }

    pub(crate) async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let reply = |found: &Option<Stored>| Reply::Loaded(found.clone());
        self.record(key, Action::Load { now }, self.store.load(key, now), reply).await
    }

    pub(crate) async fn save(
        &self,
        key: &Key,
        record: &Record,
        expect: Expect,
        now: Timestamp,
    ) -> Result<Revision> {
        let action = Action::Save { record: record.clone(), expect, now };
        self.record(key, action, self.store.save(key, record, expect, now), wrote).await
    }

    pub(crate) async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        (accessed_at, expires_at): (Timestamp, Timestamp),
        now: Timestamp,
    ) -> Result<Revision> {
        let action = Action::Touch { expect, accessed_at, expires_at, now };
        self.record(key, action, self.store.touch(key, expect, accessed_at, expires_at, now), wrote).await
    }

    pub(crate) async fn delete(&self, key: &Key) -> Result<()> {
        self.record(key, Action::Delete, self.store.delete(key), |()| Reply::Deleted).await
    }

    /// Sweeps a namespace in which there are no other sessions than those under `keys`.
    pub(crate) async fn sweep(&self, keys: &[Key], now: Timestamp) -> Result<usize> {
        let mut notes: Vec<Note<'_>> =
            keys.iter().map(|key| self.log.begin(key, Action::Sweep { now })).collect();
        let swept = self.store.delete_expired(now, usize::MAX).await;
        for note in &mut notes {
            note.end(match &swept {
                Ok(0) => Reply::Swept(false),
                Ok(_) if keys.len() == 1 => Reply::Swept(true),
                Ok(_) => Reply::PerhapsGone,
                Err(error) => Reply::of_failure(error),
            });
            // A session that is swept, created dead and swept again is two steps of one sweep.
            if keys.len() == 1 {
                let steps = swept.as_ref().copied().unwrap_or(0).min(REPEATS_MAX);
                (1..steps).for_each(|_| note.repeat());
            }
        }
        swept
    }

    async fn record<T>(
        &self,
        key: &Key,
        action: Action,
        call: impl Future<Output = Result<T>>,
        reply: impl FnOnce(&T) -> Reply,
    ) -> Result<T> {
        let mut note = self.log.begin(key, action);
        let answer = call.await;
        note.end(answer.as_ref().map_or_else(Reply::of_failure, reply));
        answer
    }
}

/// A sweep in a crowd of eight does not meet one session more often than this.
const REPEATS_MAX: usize = 64;

fn wrote(revision: &Revision) -> Reply {
    Reply::Wrote(*revision)
}

impl Log {
    fn begin(&self, key: &Key, action: Action) -> Note<'_> {
        let operation =
            Operation { action, reply: Reply::Dropped, called: self.place(), ended: Note::NOT_ENDED };
        let mut calls = self.calls();
        calls.push((*key, operation));
        Note { log: self, index: calls.len() - 1 }
    }

    fn place(&self) -> u64 {
        self.places.fetch_add(1, Ordering::SeqCst)
    }

    fn calls(&self) -> MutexGuard<'_, Vec<(Key, Operation)>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that is under way.
struct Note<'a> {
    log: &'a Log,
    index: usize,
}

impl Note<'_> {
    const NOT_ENDED: u64 = u64::MAX;

    fn end(&mut self, reply: Reply) {
        let ended = self.log.place();
        if let Some((_, operation)) = self.log.calls().get_mut(self.index) {
            (operation.reply, operation.ended) = (reply, ended);
        }
    }

    /// Writes down that the call had its effect once more.
    fn repeat(&self) {
        let mut calls = self.log.calls();
        let call = calls.get(self.index).cloned();
        calls.extend(call);
    }
}

impl Drop for Note<'_> {
    fn drop(&mut self) {
        let ended = self.log.place();
        if let Some((_, operation)) = self.log.calls().get_mut(self.index) {
            operation.ended = operation.ended.min(ended);
        }
    }
}
