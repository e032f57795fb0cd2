//! A process that was stopped in the middle of a write holds up its part of the folder, for a bounded time.

use std::{
    process::{Command, Stdio},
    task::{Context, Waker},
    time::Duration,
};

use session_core::{Error, Expect, Outcome, Store};
use store_disk::DiskStore;

use crate::{
    common::{Place, at, create, data, key, key_in, quick, record},
    victim::{AtWork, traced},
};

#[tokio::test]
async fn a_stopped_process_makes_others_busy_and_lands_nothing_late() {
    let place = Place::new();
    let store = DiskStore::open_with(place.root(), quick().lock_timeout(Duration::from_millis(50))).unwrap();
    let revision = create(&store, &key(1), "old").await;

    let inject = "inject=renameat:signal=SIGSTOP:when=1";
    let Some(mut command) = traced(&["-o", "/dev/null", "-e", inject], "save", &place.root()) else { return };
    let mut stopped = AtWork::start(&mut command);
    let said = stopped.next().unwrap();
    let pid = said.strip_prefix("pid ").unwrap();
    while !is_stopped(pid) {
        tokio::task::yield_now().await;
    }

    let writes = [
        store.save(&key(1), &record("x"), Expect::Revision(revision), at(0)).await.map(drop),
        store.touch(&key(1), revision, at(0), at(1_000), at(0)).await.map(drop),
        store.delete(&key(1)).await,
        store.directory().unwrap().count(at(0)).await.map(drop),
        store.delete_expired(at(1_000), 10).await.map(drop),
    ];
    for answer in writes {
        let Err(Error::Backend { outcome, source, .. }) = answer else { panic!("{answer:?}") };
        assert_eq!(outcome, Outcome::NotApplied);
        assert!(source.to_string().contains("stopped"), "{source}");
    }
    // Reads take no lock, and the other parts of the folder are free.
    assert!(data(&store, &key(1)).await.is_some());
    create(&store, &key_in(2, 1), "x").await;

    assert!(Command::new("kill").args(["-CONT", pid]).status().unwrap().success());
    assert_eq!(stopped.rest(), ["ok"]);
    let late = store.save(&key(1), &record("x"), Expect::Revision(revision), at(0)).await;
    assert!(matches!(late, Err(Error::Conflict)));
    assert_eq!(data(&store, &key(1)).await.as_deref(), Some("new"));
}

#[tokio::test]
async fn a_call_that_is_dropped_while_it_waits_for_a_lock_is_never_carried_out() {
    let place = Place::new();
    let store = place.open();
    create(&store, &key(1), "old").await;
    let lock = place.file(&key(1)).with_file_name("lock");
    let mut holder = Command::new("flock");
    let holder = holder.arg("--no-fork").arg(lock).args(["sh", "-c", "echo '>>> held'; read line"]);
    let mut holder = AtWork::start(holder.stdin(Stdio::piped()).stdout(Stdio::piped()));
    assert_eq!(holder.next().as_deref(), Some("held"));

    let key = key(1);
    let mut dropped = Box::pin(store.delete(&key));
    assert!(dropped.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(dropped);
    holder.kill();
    create(&store, &key_in(1, 2), "after it").await;
    assert_eq!(data(&store, &key).await.as_deref(), Some("old"));
}

/// Returns whether a thread of the process stands still, by a signal or by the tracer that passed it on.
fn is_stopped(pid: &str) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let mut threads =
        threads.map(|thread| std::fs::read_to_string(thread.unwrap().path().join("stat")).unwrap());
    threads.all(|stat| stat.rsplit(") ").next().is_some_and(|state| state.starts_with(['T', 't'])))
}
