//! A complete store, and the proof that it is one: `cargo run -p conformance-tests --example custom_store`.

use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use conformance_tests::{Backend, Capabilities, Namespace};
use session_core::{Error, Expect, Key, Record, Result, Revision, Store, Stored, Timestamp};

/// Sessions in a map. Replace the map with your medium, and keep what is done in one step in one step.
#[derive(Debug, Default)]
struct CustomStore(Mutex<BTreeMap<Key, Stored>>);

impl CustomStore {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Stored>> {
        self.0.lock().expect("no code that panics runs under the lock")
    }
}

#[async_trait]
impl Store for CustomStore {
    /// A dead session is an absent one, although nobody swept it yet.
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        Ok(self.lock().get(key).filter(|stored| stored.record.is_live(now)).cloned())
    }

    /// `counts` says whether what lies there is found, `judge` whether the write may happen: under one lock with it.
    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        let mut sessions = self.lock();
        let found = sessions.get(key).filter(|stored| expect.counts(stored.record.expires_at, now));
        let revision = expect.judge(found.map(|stored| stored.revision), Revision::first()?)?;
        sessions.insert(*key, Stored { record: record.clone(), revision });
        Ok(revision)
    }

    /// A touch is a compare-and-swap like a save, which leaves everything but the times.
    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        let mut sessions = self.lock();
        let found = sessions.get_mut(key).filter(|found| found.record.is_live(now)).ok_or(Error::Missing)?;
        found.revision = Expect::Revision(expect).judge(Some(found.revision), expect)?;
        (found.record.accessed_at, found.record.expires_at) = (accessed_at, expires_at);
        Ok(found.revision)
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        self.lock().remove(key);
        Ok(())
    }

    /// Whether a session is dead is judged in the step that deletes it.
    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        let mut sessions = self.lock();
        Ok(sessions.extract_if(.., |_, stored| !stored.record.is_live(now)).take(limit).count())
    }
}

/// How the suite opens the store, and what it claims: nothing beyond the five verbs.
struct Custom;

impl Backend for Custom {
    const NAME: &'static str = "custom-store";
    const CAPS: Capabilities = Capabilities::PLAIN;
    async fn open(&self, _: &Namespace) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(CustomStore::default()))
    }
}

fn main() -> ExitCode {
    conformance_tests::main(Custom)
}
