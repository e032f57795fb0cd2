//! A process that is killed at any system call leaves the old record or the new one.

use session_core::{Expect, Store};

use crate::{
    common::{Place, at, create, data, key, record},
    victim::{AtWork, traced},
};

/// Kills the `job` before its `n`-th `call` in one thread, and returns whether it came that far; `None` without strace.
fn kill(job: &str, call: &str, n: usize, place: &Place) -> Option<bool> {
    let inject = format!("inject={call}:signal=SIGKILL:when={n}");
    let mut command = traced(&["-o", "/dev/null", "-e", &inject], job, &place.root())?;
    command.stdout(std::process::Stdio::null());
    Some(!command.status().unwrap().success())
}

#[tokio::test]
async fn a_save_that_is_killed_at_any_call_leaves_the_old_record_or_the_new_one() {
    let mut killed = 0;
    for call in ["openat", "flock", "fchmod", "utimensat", "fsync", "renameat"] {
        for n in 1..40 {
            let place = Place::new();
            create(&place.open(), &key(1), "old").await;
            let Some(was_killed) = kill("save", call, n, &place) else { return };
            if !was_killed {
                break;
            }
            killed += 1;
            recovers(&place, call).await;
        }
    }
    assert!(killed >= 10, "only {killed}");
}

#[tokio::test]
async fn a_first_save_that_is_killed_at_any_call_leaves_nothing_or_the_record() {
    for call in ["mkdirat", "fchmodat", "fsync", "renameat"] {
        for n in 1..10 {
            let place = Place::new();
            let Some(was_killed) = kill("create", call, n, &place) else { return };
            let store = place.open();
            match data(&store, &key(1)).await.as_deref() {
                Some("x") => {}
                None => drop(create(&store, &key(1), "again").await),
                other => panic!("{call} {n}: {other:?}"),
            }
            if !was_killed {
                break;
            }
        }
    }
}

/// The locks are free, the record is whole, and a sweep removes what was left.
async fn recovers(place: &Place, call: &str) {
    let store = place.open();
    let stored = store.load(&key(1), at(0)).await.unwrap().unwrap();
    assert!(["old", "new"].iter().any(|data| stored.record.data == data.as_bytes()), "{call}");
    let staged = place.names(&key(1)).len() - 1;
    assert!(staged <= 1, "{call}");
    store.save(&key(1), &record("newer"), Expect::Revision(stored.revision), at(0)).await.unwrap();
    store.delete_expired(at(0), 10).await.unwrap();
    assert_eq!(place.names(&key(1)).len(), 1, "{call}");
}

#[tokio::test]
async fn a_shared_round_that_is_killed_leaves_whole_records_and_nothing_a_sweep_does_not_remove() {
    for n in 1..9 {
        let place = Place::new();
        let Some(was_killed) = kill("save many", "renameat", n, &place) else { return };
        assert!(was_killed, "{n}");
        let store = place.open();
        store.delete_expired(at(0), 10).await.unwrap();
        for n in 10..26 {
            let found = data(&store, &key(n)).await;
            assert!(found.as_deref().is_none_or(|data| data == "new"));
            assert!(found.is_none() || place.names(&key(n)).len() == 1);
        }
        assert_eq!(staged(&place), 0);
    }
}

#[tokio::test]
async fn a_delete_that_is_killed_leaves_the_session_or_nothing() {
    for call in ["unlinkat", "fsync"] {
        let place = Place::new();
        create(&place.open(), &key(1), "old").await;
        let Some(was_killed) = kill("delete", call, 1, &place) else { return };
        assert!(was_killed, "{call}");
        let store = place.open();
        assert!(data(&store, &key(1)).await.is_none_or(|data| data == "old"));
        store.delete(&key(1)).await.unwrap();
        assert_eq!(data(&store, &key(1)).await, None);
    }
}

/// Counts the staged files in all folders.
fn staged(place: &Place) -> usize {
    let folders = std::fs::read_dir(place.root()).unwrap();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    files
        .filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|suffix| suffix == "staged"))
        .count()
}

#[tokio::test]
async fn before_the_rename_it_is_the_old_one_and_a_staged_file_is_left() {
    let place = Place::new();
    let store = place.open();
    create(&store, &key(1), "old").await;
    let Some(was_killed) = kill("save", "renameat", 1, &place) else { return };
    assert!(was_killed);
    assert_eq!(data(&store, &key(1)).await.as_deref(), Some("old"));
    assert_eq!(place.names(&key(1)).len(), 2);
    drop(AtWork::start(&mut crate::victim::victim("save", &place.root())).rest());
    assert_eq!(data(&store, &key(1)).await.as_deref(), Some("new"));
}
