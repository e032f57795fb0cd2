//! Calls that wait for others have no more time than any.

use session_core::{Error, Expect, Revision, Store};
use sqlx::{Connection, SqliteConnection};
use store_sql::{Dialect, SqlPool, SqlStore};
use tokio::net::TcpListener;

use crate::{
    common::{at, create, ends, key, quick, record, words},
    deaf::relay_until,
    held::held_up,
    place::{ALL, SERVERS, each},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_waits_for_its_turn_within_its_own_time() {
    each(&ALL, async |place| {
        let store = place.open_with(quick()).await;
        let revision = create(&store, &key(1), "old").await;
        held_up(place, async || {
            let save = async |text| {
                store.save(&key(1), &record(text), Expect::Revision(revision), at(0)).await.unwrap_err()
            };
            let (first, second) = tokio::join!(save("first"), save("second"));
            // What hangs in a server may still be made; a file that is locked is asked again and again.
            assert_eq!(first.is_unknown(), place.dialect != Dialect::Sqlite, "{}", words(&first));
            // It was not begun when the first one had ended, with a time of its own.
            assert!(words(&second).contains("an earlier write of this session"), "{}", words(&second));
            assert!(!second.is_unknown());
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_waits_for_others_under_a_cap_within_its_own_time() {
    each(&ALL, async |place| {
        let store = place.open_with(quick().max_sessions(100)).await;
        held_up(place, async || {
            let create = async |n| -> Result<Revision, Error> {
                store.save(&key(n), &record("x"), Expect::Absent, at(0)).await
            };
            let (first, second) = tokio::join!(create(1), create(2));
            assert!(first.is_err());
            let second = second.unwrap_err();
            assert!(words(&second).contains("the statements before it took too long"), "{}", words(&second));
            assert!(!second.is_unknown());
        })
        .await;
        create(&store, &key(3), "again").await;
    })
    .await;
}

#[tokio::test]
async fn a_pool_whose_server_hears_and_does_not_answer_is_given_up_in_time() {
    let deaf = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = deaf.local_addr().unwrap();
    let pools: [SqlPool; 2] = [
        sqlx::PgPool::connect_lazy(&format!("postgres://me@{host}/x")).unwrap().into(),
        sqlx::MySqlPool::connect_lazy(&format!("mysql://me@{host}/x")).unwrap().into(),
    ];
    for pool in pools {
        let refused = ends(SqlStore::new_with(pool, "sessions", quick())).await.unwrap_err();
        assert!(words(&refused).contains("took longer than the `timeout`"), "{}", words(&refused));
        assert!(!refused.is_unknown());
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_when_its_table_is_looked_at_is_given_up_in_time() {
    each(&SERVERS, async |place| {
        place.open().await.close().await;
        let mode = if place.dialect == Dialect::Postgres { "sslmode=disable" } else { "ssl-mode=DISABLED" };
        let url = format!("{}&{mode}", place.url);
        // The last words that are heard are those that name the table.
        let (relayed, has_fallen_silent) = relay_until(&url, b"sessions").await;
        let refused = ends(SqlStore::connect_with(&relayed, "sessions", quick())).await.unwrap_err();
        assert!(words(&refused).contains("took longer than the `timeout`"), "{}", words(&refused));
        assert!(!refused.is_unknown());
        assert!(has_fallen_silent(), "{:?}: it never came so far", place.dialect);
    })
    .await;
}

#[tokio::test]
async fn a_file_that_somebody_keeps_for_himself_is_given_up_in_time() {
    each(&[Dialect::Sqlite], async |place| {
        place.open().await.close().await;
        // Another journal has to be changed before the file is used; in this one, nobody else may even read.
        for (journal, lock) in
            [("delete", "begin exclusive"), ("wal", "pragma locking_mode = exclusive; begin immediate")]
        {
            let mut holder = SqliteConnection::connect(&place.url).await.unwrap();
            let lock = format!("pragma journal_mode = {journal}; {lock}");
            sqlx::raw_sql(sqlx::AssertSqlSafe(lock)).execute(&mut holder).await.unwrap();
            let refused = ends(SqlStore::connect_with(&place.url, "sessions", quick())).await.unwrap_err();
            assert!(words(&refused).contains("another process holds the lock"), "{}", words(&refused));
            assert!(!refused.is_unknown());
            holder.close().await.unwrap();
            place.open().await.close().await;
        }
    })
    .await;
}
