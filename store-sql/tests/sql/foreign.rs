//! A table that belongs to web.py as well, and rows that are not ours.

use session_core::{Error, Expect, Store};
use store_sql::{Dialect, SqlOptions, SqlStore};

use crate::{
    common::{at, create, data, key, record},
    place::{ALL, Place, each},
    webpy::theirs,
};

/// Fills the manual's table as web.py would, also under a key that we could draw, and returns what is there.
async fn filled_by_hand(place: &Place) -> Vec<Vec<String>> {
    place.run(place.manual()).await;
    for id in ["4eb85ee5e4b0a2a45c4c9d2a6d9c3a1d9d9c0a11", &key(7).to_string()] {
        let row = format!("'{id}', '2001-02-03 04:05:06', 'gAN9cQBYBQAAAGNvdW50cQFLAXMu\n'");
        place.run(&format!("insert into sessions (session_id, atime, data) values ({row})")).await;
    }
    place.rows("select session_id, atime, data from sessions order by session_id").await
}

#[tokio::test]
async fn a_table_of_the_manual_is_refused_until_it_is_migrated() {
    each(&ALL, async |place| {
        filled_by_hand(place).await;
        let error = SqlStore::connect(&place.url, "sessions").await.unwrap_err();
        let words = crate::common::words(&error);
        assert!(words.contains("column `") && words.contains("SqlStore::migrate"), "{words}");
        SqlStore::migrate(&place.url, "sessions").await.unwrap();
        SqlStore::connect(&place.url, "sessions").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn their_rows_stay_as_they_are_and_are_never_ours() {
    each(&ALL, async |place| {
        let before = filled_by_hand(place).await;
        let store = place.open_with(SqlOptions::default().max_sessions(2)).await;
        assert_eq!(theirs(place).await, before);

        assert_eq!(store.load(&key(7), at(0)).await.unwrap(), None);
        let created = store.save(&key(7), &record("x"), Expect::Absent, at(0)).await;
        assert!(matches!(created, Err(Error::Exists)), "{created:?}");
        let revision = create(&store, &key(1), "ours").await;
        let saved = store.save(&key(7), &record("x"), Expect::Revision(revision), at(0)).await;
        assert!(matches!(saved, Err(Error::Missing)), "{saved:?}");
        let touched = store.touch(&key(7), revision, at(0), at(9), at(0)).await;
        assert!(matches!(touched, Err(Error::Missing)), "{touched:?}");
        store.delete(&key(7)).await.unwrap();
        // The cap evicts ours alone.
        for n in 2..5 {
            create(&store, &key(n), "ours").await;
        }
        let directory = store.directory().unwrap();
        assert_eq!(directory.page(None, 100, at(0)).await.unwrap().len(), 2);
        assert_eq!(directory.count(at(0)).await.unwrap(), 2);
        assert_eq!(store.delete_expired(at(i64::MAX), usize::MAX).await.unwrap(), 2);
        assert_eq!(theirs(place).await, before);
    })
    .await;
}

#[tokio::test]
async fn webpy_can_still_insert_read_and_clean_up() {
    each(&ALL, async |place| {
        filled_by_hand(place).await;
        let store = place.open().await;
        create(&store, &key(1), "ours").await;
        place.run("insert into sessions (session_id, data) values ('new', 'bmV3')").await;
        assert_eq!(place.rows("select data from sessions where session_id = 'new'").await, [["bmV3"]]);
        // What its `cleanup` runs, after which those are gone that nobody used for a while.
        place.run("delete from sessions where '2001-02-04 00:00:00' > atime").await;
        assert_eq!(theirs(place).await.len(), 1);
        // Ours was used in 1970, so it went as well, as web.py would have its own.
        assert_eq!(data(&store, &key(1)).await, None);
    })
    .await;
}

#[tokio::test]
async fn the_time_of_access_is_there_for_others_in_utc() {
    each(&ALL, async |place| {
        let store = place.open().await;
        let accessed_at = at(1_000_000_000_000);
        let mut ours = record("ours");
        (ours.accessed_at, ours.expires_at) = (accessed_at, at(i64::MAX));
        let revision = store.save(&key(1), &ours, Expect::Absent, accessed_at).await.unwrap();
        let atime = async || place.rows("select atime from sessions").await[0][0].clone();
        assert!(atime().await.starts_with("2001-09-09 01:46:40"), "{}", atime().await);
        store.touch(&key(1), revision, at(i64::MAX), at(i64::MAX), accessed_at).await.unwrap();
        let latest = if place.dialect == Dialect::MySql { "2038-01-19" } else { "9999-12-31" };
        assert!(atime().await.starts_with(latest), "{}", atime().await);
    })
    .await;
}
