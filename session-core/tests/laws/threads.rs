//! Commits on threads, on which two things happen at once.

use std::collections::BTreeSet;

use session_core::{Config, Session, Sessions};

use crate::support::{Chance, ChaosStore, ScriptedStore, append, finish, poll_once};

/// How many increments there are in all.
const INCREMENTS: u32 = 2_000;

/// Two clones of one handle commit and drop their commits, two handles only commit, and the store calls from a thread
/// of its own.
#[test]
fn threads_double_nothing_and_lose_nothing_that_was_answered() {
    let store = ChaosStore::new(ScriptedStore::default(), Chance::new(7), usize::MAX);
    let sessions = Sessions::new(store.clone(), Config::default()).unwrap();
    let open = |cookie: &str| pollster::block_on(sessions.open(&[cookie], None)).unwrap();
    let first = open("");
    first.insert("log", &[0_u32; 0]).unwrap();
    let cookie = finish(&first);
    let cloned = open(&cookie);
    let handles = [cloned.clone(), cloned, open(&cookie), open(&cookie)];
    store.be_calm(false);
    std::thread::scope(|scope| {
        let threads =
            (0..4).zip(&handles).map(|(first, handle)| scope.spawn(move || append_all(handle, first)));
        let threads: Vec<_> = threads.collect();
        while threads.iter().any(|thread| !thread.is_finished()) {
            store.resume_one();
        }
    });
    store.be_calm(true);
    let log: Vec<u32> = open(&cookie).get("log").unwrap().unwrap();
    let once: BTreeSet<u32> = log.iter().copied().collect();
    assert_eq!(once.len(), log.len(), "doubled");
    let answered = (0..INCREMENTS).filter(|id| id % 4 >= 2);
    assert_eq!(answered.filter(|id| !once.contains(id)).count(), 0, "lost");
}

/// Appends every fourth number from `first` on; the first two threads share a handle.
fn append_all(handle: &Session, first: u32) {
    for id in (first..INCREMENTS).step_by(4) {
        append(handle, id);
        if first < 2 {
            drop(poll_once(&mut Box::pin(handle.commit())));
        }
        // A save that both clones have dropped is not known to be kept.
        let committed = pollster::block_on(handle.commit());
        assert!(committed.is_ok() || first < 2 && committed.unwrap_err().is_unknown());
    }
}
