//! A disk that is full, and one that fails when it is synced.

use std::collections::BTreeMap;

use session_core::{Error, Expect, Outcome, Store};
use store_shelf::ShelfStore;

use crate::{
    common::{at, create, data, key, record, told},
    mount::{Disk, Mount},
    victim::{AtWork, victim},
};

/// How many save at the same time, and so share a sync.
const TOGETHER: u64 = 16;

fn text(n: u64) -> String {
    format!("{n} {}", "x".repeat(20_000))
}

/// What became of each session that was saved: `true` when it was kept, `false` when that is not known.
type Answers = BTreeMap<u64, bool>;

/// Saves new sessions from `first` on, many at a time, until some are not kept.
async fn fill(store: &ShelfStore, first: u64) -> Answers {
    let mut answers = Answers::new();
    for first in (first..).step_by(TOGETHER.try_into().unwrap()).take(1_000) {
        let saves: Vec<_> = (first..first + TOGETHER)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move {
                    (n, store.save(&key(n), &record(&text(n)), Expect::Absent, at(0)).await)
                })
            })
            .collect();
        for save in saves {
            let (n, answer) = save.await.unwrap();
            answers.extend(judged(n, answer.map(drop)));
        }
        if answers.values().any(|kept| !kept) {
            return answers;
        }
    }
    panic!("it never was full")
}

/// A write that was certainly not made is neither kept nor unknown.
fn judged(n: u64, answer: Result<(), Error>) -> Option<(u64, bool)> {
    match answer {
        Ok(()) => Some((n, true)),
        Err(Error::Full) => None,
        Err(Error::Backend { outcome: Outcome::Unknown, .. }) => Some((n, false)),
        Err(error) => panic!("{}", told(&error)),
    }
}

/// Returns who is there, after comparing that with what was answered.
async fn seen(store: &ShelfStore, answers: &Answers) -> Vec<u64> {
    let mut seen = Vec::new();
    for (n, kept) in answers {
        let found = data(store, &key(*n)).await;
        assert!(found.is_some() || !kept, "session {n} was kept, and is gone");
        assert!(found.is_none() || found == Some(text(*n)), "session {n} is another");
        seen.extend(found.map(|_| *n));
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_nothing_that_was_kept_is_lost_and_room_is_used_again() {
    let Some(mount) = Mount::new("size=6m") else { return };
    let file = mount.path().join("sessions.redb");
    let store = ShelfStore::open(&file).unwrap();
    create(&store, &key(0), "old").await;
    let mut answers = fill(&store, 1).await;
    assert!(answers.len() > 50, "{}", answers.len());
    seen(&store, &answers).await;
    // It is read from and tried again, as often as anybody likes.
    for first in [10_000, 20_000, 30_000] {
        answers.append(&mut fill(&store, first).await);
        seen(&store, &answers).await;
        assert_eq!(data(&store, &key(0)).await.as_deref(), Some("old"));
    }
    let before = seen(&store, &answers).await;
    store.close().await;
    let store = ShelfStore::open(&file).unwrap();
    assert_eq!(seen(&store, &answers).await, before);
    mount.remount("size=64m");
    for n in 40_000..40_200 {
        store.save(&key(n), &record(&text(n)), Expect::Absent, at(0)).await.unwrap();
    }
    assert_eq!(seen(&store, &answers).await, before);
    assert_eq!(store.directory().unwrap().count(at(0)).await.unwrap(), 1 + 200 + before.len() as u64);
}

/// The operating system shows bytes that it failed to write as if they were on the disk, and says that the next sync went well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_failed_sync_nothing_is_answered_that_the_disk_does_not_have() {
    let Some(disk) = Disk::new() else { return };
    let file = disk.path().join("sessions.redb");
    let store = ShelfStore::open(&file).unwrap();
    create(&store, &key(0), "old").await;
    disk.fail();
    let answers = fill(&store, 1).await;
    let before = seen(&store, &answers).await;
    store.close().await;
    drop(store);
    disk.heal();
    disk.replug();
    let store = ShelfStore::open(&file).unwrap();
    assert_eq!(data(&store, &key(0)).await.as_deref(), Some("old"));
    assert_eq!(seen(&store, &answers).await, before);
    create(&store, &key(100_000), "new").await;
    store.close().await;
    drop(store);
}

#[tokio::test]
async fn nor_by_the_next_process() {
    let Some(disk) = Disk::new() else { return };
    let file = disk.path().join("sessions.redb");
    ShelfStore::open(&file).unwrap().close().await;
    disk.fail();
    let said = AtWork::start(&mut victim("fail", &file)).rest();
    let failed: u64 = said[0].parse().unwrap();
    disk.heal();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let store = ShelfStore::open(&file).unwrap();
        for n in 1..failed {
            assert!(data(&store, &key(n)).await.is_some(), "session {n} was kept, and is gone");
        }
        seen.push(data(&store, &key(failed)).await);
        create(&store, &key(100_000 + seen.len() as u64), "new").await;
        store.close().await;
        drop(store);
        disk.replug();
    }
    assert_eq!(seen.first(), seen.last());
}
