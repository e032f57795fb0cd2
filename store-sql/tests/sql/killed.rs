//! Connections that are killed.

use std::time::Duration;

use session_core::{Error, Expect, Store};
use store_sql::{Dialect, SqlStore};

use crate::{
    common::{at, create, data, ends, key, record, recovers, words},
    held::held_up,
    place::{Place, SERVERS, each},
};

/// Ends all connections to this database but the one that says so.
async fn kill_all(place: &Place) {
    if place.dialect == Dialect::Postgres {
        let kill = "select pg_terminate_backend(pid) from pg_stat_activity \
                    where datname = current_database() and pid <> pg_backend_pid()";
        place.rows(kill).await;
    } else {
        let list = "select id from information_schema.processlist \
                    where db = database() and id <> connection_id()";
        for row in place.rows(list).await {
            // It may be gone since.
            let _ = place.try_run(&format!("kill {}", row[0])).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_connections_lose_no_answered_write_and_are_replaced() {
    each(&SERVERS, async |place| {
        let store = place.open().await;
        create(&store, &key(1), "0").await;
        let writing = {
            let store = store.clone();
            tokio::spawn(async move { count_up(&store, 300).await })
        };
        while !writing.is_finished() {
            kill_all(place).await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let (least, most) = writing.await.unwrap();
        let kept: u64 = data(&place.open().await, &key(1)).await.unwrap().parse().unwrap();
        assert!((least..=most).contains(&kept), "{kept} is not in {least}..={most}");
        recovers(async || store.delete(&key(1)).await).await;
        create(&store, &key(2), "after").await;
    })
    .await;
}

/// Tries to add one so many times, and returns how often it was answered `Ok`, and how often it may have been kept.
async fn count_up(store: &SqlStore, times: usize) -> (u64, u64) {
    let (mut certain, mut unknown) = (0, 0);
    for _ in 0..times {
        let Ok(Some(stored)) = store.load(&key(1), at(0)).await else { continue };
        let count: u64 = str::from_utf8(&stored.record.data).unwrap().parse().unwrap();
        let next = record(&(count + 1).to_string());
        match store.save(&key(1), &next, Expect::Revision(stored.revision), at(0)).await {
            Ok(_) => certain += 1,
            Err(error) if error.is_unknown() => unknown += 1,
            // Nobody else writes, but a write that was lost may land a moment later.
            Err(Error::Conflict | Error::Backend { .. }) => {}
            Err(error) => panic!("{}", words(&error)),
        }
    }
    (certain, certain + unknown)
}

/// Kills the one statement that waits for a lock, as soon as there is one.
async fn kill_who_waits(place: &Place) {
    let list = match place.dialect {
        Dialect::Postgres => {
            "select pid::text from pg_stat_activity \
             where datname = current_database() and wait_event_type = 'Lock'"
        }
        _ => {
            "select cast(id as char) from information_schema.processlist \
             where db = database() and state like 'Waiting for%lock'"
        }
    };
    let waiting = loop {
        if let [waiting] = place.rows(list).await.as_slice() {
            break waiting[0].clone();
        }
    };
    let kill = match place.dialect {
        Dialect::Postgres => format!("select pg_terminate_backend({waiting})"),
        _ => format!("kill {waiting}"),
    };
    place.run(&kill).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_whose_connection_is_killed_may_have_been_made() {
    each(&SERVERS, async |place| {
        let store = place.open().await;
        let revision = create(&store, &key(1), "old").await;
        held_up(place, async || {
            let saving = tokio::spawn({
                let store = store.clone();
                async move { store.save(&key(1), &record("new"), Expect::Revision(revision), at(0)).await }
            });
            ends(kill_who_waits(place)).await;
            let failed = ends(saving).await.unwrap().unwrap_err();
            let says = ["the connection was lost", "the server ends or ended the connection"];
            assert!(says.iter().any(|says| words(&failed).contains(says)), "{}", words(&failed));
            assert!(failed.is_unknown(), "{:?}: {}", place.dialect, words(&failed));
        })
        .await;
        assert_eq!(data(&store, &key(1)).await.as_deref(), Some("old"));
        store.save(&key(1), &record("new"), Expect::Revision(revision), at(0)).await.unwrap();
    })
    .await;
}
