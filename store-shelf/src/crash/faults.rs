//! Operations of the disk that fail, one at a time.

use std::{
    pin::{Pin, pin},
    task::{Context, Waker},
    thread,
};

use session_core::{Error, Expect, Outcome, Revision, Store};

use crate::{
    crash::{
        at, key, record,
        recorder::{Kind, Recorder},
    },
    options::{Durability, ShelfOptions},
    shelf,
    store::ShelfStore,
};

fn open(recorder: &Recorder) -> ShelfStore {
    // With so small a cache, reads reach the disk.
    ShelfStore::on("faults".into(), recorder.clone(), ShelfOptions::default().cache_bytes(0)).unwrap()
}

fn new() -> (Recorder, ShelfStore) {
    let recorder = Recorder::default();
    shelf::make(recorder.clone()).unwrap();
    let store = open(&recorder);
    (recorder, store)
}

async fn data(store: &ShelfStore, n: u8) -> Option<String> {
    let stored = store.load(&key(n), at(0)).await.unwrap()?;
    Some(String::from_utf8(stored.record.data.to_vec()).unwrap())
}

async fn save(store: &ShelfStore, n: u8, data: &str, expect: Expect) -> Result<Revision, Error> {
    store.save(&key(n), &record(data), expect, at(0)).await
}

fn is_unknown<T>(answer: &Result<T, Error>) -> bool {
    matches!(answer, Err(Error::Backend { outcome: Outcome::Unknown, .. }))
}

/// Polls a call once.
fn begin<T>(call: Pin<&mut impl Future<Output = T>>) {
    assert!(call.poll(&mut Context::from_waker(Waker::noop())).is_pending());
}

/// Begins one save whose sync is held up, then the others, which so share the next one.
async fn batched(recorder: &Recorder, store: &ShelfStore, old: Revision) -> [Result<Revision, Error>; 4] {
    let gate = recorder.hold_syncs();
    let syncs = recorder.syncs();
    let mut alone = pin!(save(store, 2, "alone", Expect::Absent));
    begin(alone.as_mut());
    while recorder.syncs() == syncs {
        thread::yield_now();
    }
    let mut created = pin!(save(store, 3, "new", Expect::Absent));
    let mut replaced = pin!(save(store, 1, "new", Expect::Revision(old)));
    let mut refused = pin!(save(store, 1, "newer", Expect::Revision(old)));
    begin(created.as_mut());
    begin(replaced.as_mut());
    begin(refused.as_mut());
    drop(gate);
    [alone.await, created.await, replaced.await, refused.await]
}

#[tokio::test]
async fn all_that_wait_share_one_sync_and_each_has_its_own_answer() {
    let (recorder, store) = new();
    let old = save(&store, 1, "old", Expect::Absent).await.unwrap();
    let syncs = recorder.syncs();
    let answers = batched(&recorder, &store, old).await;
    assert!(matches!(answers, [Ok(_), Ok(_), Ok(_), Err(Error::Conflict)]));
    assert_eq!(recorder.syncs() - syncs, 2);
}

#[tokio::test]
async fn a_call_that_was_dropped_before_its_turn_is_skipped() {
    let (recorder, store) = new();
    let gate = recorder.hold_syncs();
    let syncs = recorder.syncs();
    let mut first = pin!(save(&store, 1, "x", Expect::Absent));
    begin(first.as_mut());
    while recorder.syncs() == syncs {
        thread::yield_now();
    }
    {
        let mut dropped = pin!(save(&store, 2, "dropped", Expect::Absent));
        begin(dropped.as_mut());
    }
    drop(gate);
    first.await.unwrap();
    save(&store, 3, "x", Expect::Absent).await.unwrap();
    assert_eq!(data(&store, 2).await, None);
}

#[tokio::test]
async fn without_a_promise_for_the_loss_of_power_nothing_is_synced() {
    let (recorder, store) = new();
    store.close().await;
    let options = ShelfOptions::default().durability(Durability::Process);
    let syncs = recorder.syncs();
    let store = ShelfStore::on("faults".into(), recorder.clone(), options).unwrap();
    save(&store, 1, "x", Expect::Absent).await.unwrap();
    store.close().await;
    assert_eq!(recorder.syncs(), syncs);
}

#[tokio::test]
async fn everybody_hears_unknown_when_the_sync_of_their_batch_fails() {
    let (recorder, store) = new();
    let old = save(&store, 1, "old", Expect::Absent).await.unwrap();
    let openings = recorder.openings();
    recorder.fail(Kind::Sync, 1);
    let [alone, created, replaced, refused] = batched(&recorder, &store, old).await;
    assert!(recorder.has_failed() && alone.is_ok());
    assert!(is_unknown(&created) && is_unknown(&replaced) && is_unknown(&refused));
    let seen = data(&store, 1).await;
    assert_eq!(recorder.openings(), openings + 1);
    store.close().await;
    assert_eq!(data(&open(&recorder), 1).await, seen);
}

/// Fails every operation of a kind in turn, and compares what is answered before and after with what is on the disk.
async fn answers_what_the_disk_has(kind: Kind) -> usize {
    let mut failed = 0;
    for before in 0..60 {
        let (recorder, store) = new();
        let old = save(&store, 1, "old", Expect::Absent).await.unwrap();
        recorder.fail(kind, before);
        let saved = save(&store, 1, "new", Expect::Revision(old)).await;
        let seen = data(&store, 1).await.unwrap();
        match &saved {
            Ok(_) => assert_eq!(seen, "new", "{kind:?} {before}"),
            Err(Error::Backend { outcome: Outcome::NotApplied, .. }) => {
                assert_eq!(seen, "old", "{kind:?} {before}");
            }
            answer => assert!(is_unknown(answer), "{kind:?} {before}: {answer:?}"),
        }
        // It goes on without being opened by hand.
        let revision = store.load(&key(1), at(0)).await.unwrap().unwrap().revision;
        let again = save(&store, 1, &seen, Expect::Revision(revision)).await;
        let came = recorder.has_failed();
        assert!(again.is_ok() || came, "{kind:?} {before}: {again:?}");
        save(&store, 2, "other", Expect::Absent).await.unwrap();
        store.close().await;
        assert_eq!(data(&open(&recorder), 1).await.unwrap(), seen, "{kind:?} {before}");
        failed += usize::from(came);
    }
    failed
}

#[tokio::test]
async fn a_failed_sync_is_unknown_and_nothing_is_answered_that_the_disk_does_not_have() {
    assert!(answers_what_the_disk_has(Kind::Sync).await >= 1);
}

#[tokio::test]
async fn nor_after_a_failed_write() {
    assert!(answers_what_the_disk_has(Kind::Write).await >= 5);
}

#[tokio::test]
async fn nor_after_a_failed_read() {
    assert!(answers_what_the_disk_has(Kind::Read).await >= 5);
}

#[tokio::test]
async fn a_load_whose_read_fails_reads_again_from_the_file_as_it_is() {
    for before in 0..20 {
        let (recorder, store) = new();
        save(&store, 1, "x", Expect::Absent).await.unwrap();
        recorder.fail(Kind::Read, before);
        let openings = recorder.openings();
        assert_eq!(data(&store, 1).await.as_deref(), Some("x"), "{before}");
        if recorder.has_failed() {
            assert_eq!(recorder.openings(), openings + 1);
        }
        assert_eq!(data(&store, 1).await.as_deref(), Some("x"), "{before}");
    }
}

#[tokio::test]
async fn a_list_whose_read_fails_is_read_again() {
    let (recorder, store) = new();
    save(&store, 1, "x", Expect::Absent).await.unwrap();
    for before in 0..10 {
        recorder.fail(Kind::Read, before);
        assert_eq!(store.directory().unwrap().page(None, 10, at(0)).await.unwrap().len(), 1, "{before}");
        recorder.has_failed();
    }
}
