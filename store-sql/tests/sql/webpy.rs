//! A table that web.py 0.76 made and filled, and goes on with.
//!
//! `tests/webpy` has what its DBStore says to each database, as recorded by the script there from web.py itself.

use std::time::Duration;

use session_core::{Expect, Record, Store, Timestamp};
use store_sql::{Dialect, SqlOptions, SqlStore};

use crate::{
    common::{at, create, data, key, record},
    place::{ALL, Place, each},
};

/// Returns the recorded statements with this title.
fn recorded(dialect: Dialect, title: &str) -> Vec<&'static str> {
    let recording = match dialect {
        Dialect::Sqlite => include_str!("../webpy/sqlite.sql"),
        Dialect::Postgres => include_str!("../webpy/postgres.sql"),
        _ => include_str!("../webpy/mariadb.sql"),
    };
    let statements = recording.split("\n-- ").filter_map(|entry| entry.split_once('\n'));
    let found: Vec<_> = statements.filter(|(found, _)| *found == title).map(|(_, sql)| sql).collect();
    assert!(!found.is_empty(), "nothing is recorded for {title}");
    found
}

/// Does what web.py did.
async fn replay(place: &Place, title: &str) {
    for statement in recorded(place.dialect, title) {
        place.run(statement).await;
    }
}

async fn filled_by_webpy(place: &Place) -> Vec<Vec<String>> {
    replay(place, "create the table").await;
    replay(place, "fill").await;
    let rows = place.rows("select session_id, atime, data from sessions order by atime").await;
    assert_eq!(rows.len(), 2, "{rows:?}");
    rows
}

/// Returns the rows that are not ours, the oldest access first.
pub(crate) async fn theirs(place: &Place) -> Vec<Vec<String>> {
    let theirs = "select session_id, atime, data from sessions where revision is null \
                  order by atime, session_id";
    place.rows(theirs).await
}

/// Returns our session as it is when it was used a little later than everything that was recorded.
fn used_later() -> (Timestamp, Record) {
    let now = at(1_795_262_400_000) + Duration::from_secs(60);
    (now, Record { accessed_at: now, expires_at: now + Duration::from_secs(3_600), ..record("ours") })
}

#[tokio::test]
async fn what_webpy_kept_stays_as_it_is_and_our_sessions_work_beside_it() {
    each(&ALL, async |place| {
        let before = filled_by_webpy(place).await;
        let store = place.open_with(SqlOptions::default().max_sessions(3)).await;
        SqlStore::migrate(&place.url, "sessions").await.unwrap();
        assert_eq!(theirs(place).await, before, "{:?}: after the upgrade", place.dialect);

        for n in 0..5 {
            let revision = create(&store, &key(n), "first").await;
            let revision =
                store.save(&key(n), &record("second"), Expect::Revision(revision), at(0)).await.unwrap();
            store.touch(&key(n), revision, at(1), at(900), at(0)).await.unwrap();
            assert_eq!(data(&store, &key(n)).await.as_deref(), Some("second"));
        }
        store.delete(&key(4)).await.unwrap();
        let directory = store.directory().unwrap();
        let page = directory.page(None, 100, at(0)).await.unwrap();
        assert_eq!(page.len(), 2, "the cap is about our sessions, and a page shows no others");
        assert_eq!(store.delete_expired(at(i64::MAX), usize::MAX).await.unwrap(), 2);
        assert_eq!(theirs(place).await, before, "{:?}: after all that we do", place.dialect);
    })
    .await;
}

#[tokio::test]
async fn webpy_goes_on_with_an_upgraded_table() {
    each(&ALL, async |place| {
        let before = filled_by_webpy(place).await;
        let store = place.open().await;
        let (now, ours) = used_later();
        store.save(&key(1), &ours, Expect::Absent, now).await.unwrap();

        replay(place, "insert").await;
        let after_insert = theirs(place).await;
        assert_eq!(after_insert[..2], before);
        assert!(after_insert[2][0].starts_with("7676") && after_insert[2][2].starts_with("gAS"));

        replay(place, "update").await;
        let after_update = theirs(place).await;
        assert_eq!(after_update[..2], [before[1].clone(), after_insert[2].clone()]);
        assert_eq!(after_update[2][0], before[0][0]);
        assert_ne!(after_update[2][2], before[0][2]);

        let reading = recorded(place.dialect, "read");
        assert_eq!(place.rows(reading[0]).await[0][..3], before[1]);
        place.run(reading[1]).await;
        assert_eq!(theirs(place).await.last().unwrap()[2], before[1][2]);

        replay(place, "delete").await;
        assert_eq!(theirs(place).await.len(), 2);
        replay(place, "clean up").await;
        assert_eq!(theirs(place).await, after_update[2..]);

        let found = store.load(&key(1), now).await.unwrap().unwrap();
        assert_eq!(found.record, ours, "{:?}: web.py touched our session", place.dialect);
    })
    .await;
}
