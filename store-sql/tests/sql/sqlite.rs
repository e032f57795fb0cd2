//! What is special about SQLite.

use std::{os::unix::fs::PermissionsExt, time::Duration};

use session_core::{Expect, Store};
use sqlx::{Connection, Row, SqliteConnection};
use store_sql::{Dialect, SqlOptions, SqlStore};

use crate::{
    common::{at, create, data, key, record, words},
    place::{Place, each},
};

async fn sqlite(test: impl AsyncFn(&Place)) {
    each(&[Dialect::Sqlite], test).await;
}

#[tokio::test]
async fn the_file_is_in_wal_mode_and_closed_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let url = format!("sqlite:{}", path.display());
    SqlStore::migrate(&url, "sessions").await.unwrap();
    let store = SqlStore::connect(&url, "sessions").await.unwrap();
    create(&store, &key(1), "x").await;
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let mode = sqlx::query("pragma journal_mode").fetch_one(&mut connection).await.unwrap();
    assert_eq!(mode.get::<String, _>(0), "wal");
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
}

#[tokio::test]
async fn a_lock_that_is_held_too_long_is_an_error_that_is_certain() {
    sqlite(async |place| {
        let store = place.open_with(SqlOptions::default().timeout(Duration::from_millis(600))).await;
        let revision = create(&store, &key(1), "old").await;
        let mut other = SqliteConnection::connect(&place.url).await.unwrap();
        sqlx::raw_sql("begin immediate").execute(&mut other).await.unwrap();
        let refused =
            store.save(&key(1), &record("new"), Expect::Revision(revision), at(0)).await.unwrap_err();
        assert!(words(&refused).contains("another process holds the lock"), "{}", words(&refused));
        assert!(!refused.is_unknown());
        // Reads do not wait for it.
        assert_eq!(data(&store, &key(1)).await.as_deref(), Some("old"));
        sqlx::raw_sql("commit").execute(&mut other).await.unwrap();
        store.save(&key(1), &record("new"), Expect::Revision(revision), at(0)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_read_only_file_is_read_and_not_written() {
    sqlite(async |place| {
        create(&place.open().await, &key(1), "x").await;
        let reading = SqlStore::connect(&format!("{}?mode=ro", place.url), "sessions").await.unwrap();
        assert_eq!(data(&reading, &key(1)).await.as_deref(), Some("x"));
        let refused = reading.save(&key(2), &record("x"), Expect::Absent, at(0)).await.unwrap_err();
        assert!(words(&refused).contains("the database is read-only"), "{}", words(&refused));
        assert!(!refused.is_unknown());
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_missing_or_foreign_is_refused_and_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let url = format!("sqlite:{}", path.display());
    let refused = SqlStore::connect(&url, "sessions").await.unwrap_err();
    assert!(words(&refused).contains("`SqlStore::migrate` makes it"), "{}", words(&refused));
    assert!(!path.exists());
    let text =
        "this is no database, but long enough to look like one to whoever does not look closely; ".repeat(20);
    std::fs::write(&path, &text).unwrap();
    for refused in [
        SqlStore::connect(&url, "sessions").await.unwrap_err(),
        SqlStore::migrate(&url, "sessions").await.unwrap_err(),
    ] {
        assert!(words(&refused).contains("it is no file of SQLite"), "{}", words(&refused));
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    let nowhere = format!("sqlite:{}", folder.path().join("no/such/folder.db").display());
    let refused = SqlStore::migrate(&nowhere, "sessions").await.unwrap_err();
    assert!(words(&refused).contains("its folder must be there"), "{}", words(&refused));
}
