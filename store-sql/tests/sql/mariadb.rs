//! Changes that go together on MariaDB, in a statement that looks like an upsert and must not be one.

use std::time::Duration;

use session_core::{Error, Expect, Store};
use sqlx::{AssertSqlSafe, Connection, MySqlConnection};
use store_sql::{Dialect, SqlOptions, SqlStore};

use crate::{
    common::{at, data, key, owner, record, words},
    crowd::{at_once, create_all, save},
    held::held_up,
    place::{Place, each},
};

const MARIADB: [Dialect; 1] = [Dialect::MySql];

/// Has every statement that changes rows leave its time in a table: it is one for all its rows.
async fn log_statements(place: &Place) {
    place.run("create table log (at datetime(6))").await;
    place
        .run("create trigger log after update on sessions for each row insert into log values (now(6))")
        .await;
}

/// Returns how many rows were changed since, and by how many statements at least.
async fn logged(place: &Place) -> (usize, usize) {
    let mut rows = place.rows("select count(*), count(distinct at) from log").await;
    let [rows, statements] = <[String; 2]>::try_from(rows.remove(0)).unwrap();
    (rows.parse().unwrap(), statements.parse().unwrap())
}

/// Saves sixty sessions while nothing is written, so that they wait.
async fn save_sixty(place: &Place, store: &SqlStore) {
    let revisions = create_all(store, 60).await;
    let mut saves = tokio::task::JoinSet::new();
    held_up(place, async || {
        for (n, revision) in (0..).zip(revisions) {
            let store = store.clone();
            saves.spawn(async move { save(&store, n, "new", revision).await.unwrap() });
        }
        // Others on this machine may be slow: it is only more statements then.
        while place.rows(WAITING).await.is_empty() {}
    })
    .await;
    saves.join_all().await;
    for n in 0..60 {
        assert_eq!(data(store, &key(n)).await.as_deref(), Some("new"));
    }
}

/// Gives a row for each statement that waits for the lock of the table.
const WAITING: &str =
    "select id from information_schema.processlist where db = database() and state like 'Waiting%'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_that_wait_go_together_unless_the_options_say_no() {
    each(&MARIADB, async |place| {
        let store = place.open().await;
        log_statements(place).await;
        save_sixty(place, &store).await;
        let (rows, statements) = logged(place).await;
        assert!(rows == 60 && statements < 40, "{rows} rows in {statements} statements");

        place.run("delete from log").await;
        place.run("delete from sessions").await;
        save_sixty(place, &place.open_with(SqlOptions::default().coalesce(false)).await).await;
        let (rows, statements) = logged(place).await;
        assert!(rows == 60 && statements > 40, "{rows} rows in {statements} statements");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_somebody_holds_holds_up_nobody_else() {
    each(&MARIADB, async |place| {
        let store = place.open_with(SqlOptions::default().timeout(Duration::from_secs(2))).await;
        let revisions = create_all(&store, 30).await;
        let mut holder = MySqlConnection::connect(&place.url).await.unwrap();
        let hold = format!("select 1 from sessions where session_id = '{}' for update", key(7));
        sqlx::raw_sql("begin").execute(&mut holder).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(hold)).execute(&mut holder).await.unwrap();
        let saves = at_once(&store, 30, |store, n| {
            let current = revisions[usize::try_from(n).unwrap()];
            async move { save(&store, n, "new", current).await }
        });
        for (n, answer) in saves.await.into_iter().enumerate() {
            assert_eq!(answer.is_err(), n == 7, "{n}: {answer:?}");
            if let Err(error) = answer {
                // What hangs in the server is given up in its time, and may still be made.
                assert!(error.is_unknown(), "{}", words(&error));
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_deleted_meanwhile_stays_deleted_and_leaves_no_row() {
    each(&MARIADB, async |place| {
        let (one, other) = (place.open().await, place.open().await);
        for _ in 0..15 {
            let revisions = create_all(&one, 40).await;
            let saves = at_once(&one, 40, |store, n| {
                let mut current = revisions[usize::try_from(n).unwrap()];
                async move {
                    // Until it is deleted, which is soon.
                    for _ in 0..500 {
                        match save(&store, n, "again", current).await {
                            Ok(next) => current = next,
                            Err(Error::Missing) => break,
                            Err(error) => panic!("{}", words(&error)),
                        }
                    }
                }
            });
            let deletes = at_once(&other, 40, |store, n| async move { store.delete(&key(n)).await.unwrap() });
            tokio::join!(saves, deletes);
            assert_eq!(place.rows("select session_id from sessions").await, Vec::<Vec<String>>::new());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_of_another_shape_is_written_as_well() {
    const SHAPES: [(&str, bool); 4] = [
        // As the manual has it, in another character set.
        ("session_id char(128) unique not null", true),
        ("session_id char(128) character set ascii collate ascii_bin not null primary key", true),
        ("session_id char(128) not null, constraint `the ``key` unique (session_id)", true),
        // A row of another index could be taken for the one that is meant.
        ("id int auto_increment primary key, session_id char(128) unique not null", false),
    ];
    each(&MARIADB, async |place| {
        for (shape, together) in SHAPES {
            let rest = "atime timestamp not null default current_timestamp, data mediumtext";
            place.run(&format!("create table sessions ({shape}, {rest})")).await;
            let store = place.open().await;
            log_statements(place).await;
            save_sixty(place, &store).await;
            let (rows, statements) = logged(place).await;
            assert!(rows == 60 && (statements < 40) == together, "{shape}: {statements} statements");
            place.run("drop table sessions").await;
            place.run("drop table log").await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_very_different_sizes_go_together() {
    each(&MARIADB, async |place| {
        let store = place.open().await;
        // The statement is the same one each time, what is bound is shorter and longer than before.
        for round in 0..6_u64 {
            let revisions = create_all(&store, 30).await;
            let text = move |n: u64| "x".repeat(1 + usize::try_from((n + round) % 5 * 20_000).unwrap());
            let saves = at_once(&store, 30, |store, n| {
                let (current, text) = (revisions[usize::try_from(n).unwrap()], text(n));
                let owned = (n + round) % 3 > 0;
                async move {
                    let mut record = record(&text);
                    record.expires_at = at(i64::MAX - i64::try_from(n).unwrap());
                    record.owner = owned.then(|| owner(&"ö".repeat(1 + usize::try_from(n).unwrap() * 4)));
                    store.save(&key(n), &record, Expect::Revision(current), at(0)).await.unwrap();
                    assert_eq!(store.load(&key(n), at(0)).await.unwrap().unwrap().record, record);
                }
            });
            saves.await;
            at_once(&store, 30, |store, n| async move { store.delete(&key(n)).await.unwrap() }).await;
        }
    })
    .await;
}
