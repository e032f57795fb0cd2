//! What the checker of histories must flag is flagged in every run, however short.

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use conformance_tests::{Backend, Capabilities, Namespace, Options, Report, check, saboteurs};
use session_core::{Error, Expect, Key, Record, Result, Revision, Store, Stored, Timestamp};
use store_memory::MemoryStore;

#[test]
fn a_write_that_is_not_atomic_is_flagged_in_every_run() {
    let broken = saboteurs::all().find(|saboteur| saboteur.name == "judges_before_it_waits").unwrap();
    for seed in 0..10 {
        let options = Options::default().seed(seed).effort(Duration::ZERO);
        let report = block_on(broken.check(options.only(|case| case.id == "LIN-001")));
        assert!(!report.is_clean(), "seed {seed}: {report}");
    }
}

#[test]
fn a_store_that_leaves_a_file_when_a_save_is_dropped_is_flagged() {
    for tidiness in [Tidiness::Leaves, Tidiness::Removes] {
        let options = Options::default().effort(Duration::ZERO).only(|case| case.id == "CAN-004");
        let report = block_on(check(Staging(tidiness), options));
        assert_eq!(report.is_clean(), tidiness == Tidiness::Removes, "{report}");
    }
}

/// A dropped sweep may go on: it deletes what is dead at its time, whenever it comes to it.
#[test]
fn a_store_whose_dropped_sweeps_go_on_passes() {
    for seed in 0..5 {
        let can = |case: &conformance_tests::Case| ["CAN-001", "CAN-007", "CAN-008"].contains(&case.id);
        let options = Options::default().seed(seed).effort(Duration::from_millis(300)).only(can);
        let report = block_on(check(Lingering, options));
        assert!(report.is_clean(), "{report}");
    }
}

fn block_on(future: impl Future<Output = Report>) -> Report {
    pollster::block_on(future)
}

fn failed(error: std::io::Error) -> Error {
    Error::backend("staging", "stage a save", error)
}

/// What becomes of the file of a save that is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tidiness {
    Leaves,
    Removes,
}

/// Opens stores that stage each save in a file.
struct Staging(Tidiness);

impl Backend for Staging {
    const NAME: &'static str = "staging";
    const CAPS: Capabilities = Capabilities::PLAIN.folder();

    async fn open(&self, namespace: &Namespace) -> Result<Arc<dyn Store>> {
        let folder = folder(namespace);
        std::fs::create_dir_all(&folder).map_err(failed)?;
        Ok(Arc::new(StagingStore { sessions: MemoryStore::new(), folder, tidiness: self.0 }))
    }

    fn folder(&self, namespace: &Namespace) -> Option<PathBuf> {
        Some(folder(namespace))
    }
}

fn folder(namespace: &Namespace) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(namespace.as_str())
}

#[derive(Debug)]
struct StagingStore {
    sessions: MemoryStore,
    folder: PathBuf,
    tidiness: Tidiness,
}

/// Removes the file when it is dropped.
struct Staged(PathBuf);

impl Drop for Staged {
    fn drop(&mut self) {
        // It is gone when the save has removed it itself.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[async_trait]
impl Store for StagingStore {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        self.sessions.load(key, now).await
    }

    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        let path = self.folder.join(format!("{:x}", Revision::first()?.as_i64()));
        std::fs::write(&path, &record.data).map_err(failed)?;
        let _staged = (self.tidiness == Tidiness::Removes).then(|| Staged(path.clone()));
        tokio::task::yield_now().await;
        std::fs::remove_file(&path).map_err(failed)?;
        self.sessions.save(key, record, expect, now).await
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        self.sessions.touch(key, expect, accessed_at, expires_at, now).await
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        self.sessions.delete(key).await
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        self.sessions.delete_expired(now, limit).await
    }
}

/// Opens stores whose sweeps have a thread of their own, and take their time.
struct Lingering;

impl Backend for Lingering {
    const NAME: &'static str = "lingering";
    const CAPS: Capabilities = Capabilities::PLAIN;

    async fn open(&self, _: &Namespace) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(LingeringStore { sessions: MemoryStore::new() }))
    }
}

#[derive(Debug)]
struct LingeringStore {
    sessions: MemoryStore,
}

#[async_trait]
impl Store for LingeringStore {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        self.sessions.load(key, now).await
    }

    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        self.sessions.save(key, record, expect, now).await
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        self.sessions.touch(key, expect, accessed_at, expires_at, now).await
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        self.sessions.delete(key).await
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        let (sessions, (swept, answer)) = (self.sessions.clone(), tokio::sync::oneshot::channel());
        std::thread::spawn(move || {
            let sweeps = (0..20).map(|_| {
                std::thread::sleep(Duration::from_micros(500));
                pollster::block_on(sessions.delete_expired(now, limit))
            });
            let _ = swept.send(sweeps.sum::<Result<usize>>());
        });
        answer.await.map_err(|error| Error::unknown("lingering", "sweep", error))?
    }
}
