//! Calls that wait at the same time and are sent as one statement.

use std::time::Duration;

use session_core::{Error, Expect, Store};
use store_sql::{Dialect, SqlOptions, SqlStore};

use crate::{
    common::{at, create, data, key, owned, record, words},
    crowd::{at_once, create_all, save},
    fill::{FILL, Fill},
    place::{ALL, Place, each},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_many_hears_its_own_outcome() {
    each(&ALL, async |place| {
        for coalesce in [true, false] {
            let table = if coalesce { "sessions" } else { "others" };
            SqlStore::migrate(&place.url, table).await.unwrap();
            let options = SqlOptions::default().coalesce(coalesce);
            let store = SqlStore::connect_with(&place.url, table, options).await.unwrap();
            let revisions = create_all(&store, 60).await;
            let taken = at_once(&store, 60, |store, n| async move {
                let fresh = if n % 2 == 0 { n } else { 1_000 + n };
                store.save(&key(fresh), &record("other"), Expect::Absent, at(0)).await
            });
            for (n, answer) in taken.await.into_iter().enumerate() {
                assert_eq!(matches!(answer, Err(Error::Exists)), n % 2 == 0, "{n}: {answer:?}");
            }

            store.delete(&key(1)).await.unwrap();
            let saves = at_once(&store, 60, |store, n| {
                let current = revisions[usize::try_from(n).unwrap()];
                async move {
                    match n % 5 {
                        // Of a revision that has not come.
                        0 => save(&store, n, "new", current.next().unwrap()).await,
                        // After it has expired.
                        2 => store.save(&key(n), &record("new"), Expect::Revision(current), at(1_000)).await,
                        3 => store.touch(&key(n), current, at(7), at(900), at(0)).await,
                        _ => save(&store, n, "new", current).await,
                    }
                }
            })
            .await;
            for (n, answer) in saves.into_iter().enumerate() {
                let (number, text) = (u64::try_from(n).unwrap(), data(&store, &key(n as u64)).await);
                match n % 5 {
                    _ if n == 1 => assert!(matches!(answer, Err(Error::Missing)) && text.is_none()),
                    0 => assert!(matches!(answer, Err(Error::Conflict)), "{answer:?}"),
                    2 => assert!(matches!(answer, Err(Error::Missing)), "{answer:?}"),
                    _ => assert_eq!(answer.unwrap(), revisions[n].next().unwrap()),
                }
                let is_saved = matches!(n % 5, 1 | 4) && n != 1;
                let expected = if is_saved { "new" } else { "old" };
                assert!(n == 1 || text.as_deref() == Some(expected), "{number}: {text:?}");
            }

            let loads = at_once(&store, 60, |store, n| async move {
                // Several ask for the same, and some for what is not there.
                store.load(&key(if n % 3 == 0 { 9_999 } else { n % 7 + 10 }), at(0)).await.unwrap()
            });
            for (n, loaded) in loads.await.into_iter().enumerate() {
                assert_eq!(loaded.is_none(), n % 3 == 0);
            }
            at_once(&store, 60, |store, n| async move { store.delete(&key(n)).await.unwrap() }).await;
            assert_eq!(session_core::Directory::count(&store, at(0)).await.unwrap(), 30);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_touch_among_saves_keeps_data_and_owner() {
    each(&ALL, async |place| {
        let store = place.open().await;
        let revisions = at_once(&store, 40, |store, n| async move {
            store.save(&key(n), &owned("kept", "ann"), Expect::Absent, at(0)).await.unwrap()
        })
        .await;
        let changes = at_once(&store, 40, |store, n| {
            let current = revisions[usize::try_from(n).unwrap()];
            async move {
                match n % 2 {
                    0 => store.touch(&key(n), current, at(5), at(2_000), at(0)).await,
                    _ => save(&store, n, "", current).await,
                }
            }
        });
        assert!(changes.await.iter().all(Result::is_ok));
        for n in 0..40 {
            let stored = store.load(&key(n), at(0)).await.unwrap().unwrap();
            let expected = match n % 2 {
                0 => {
                    session_core::Record { accessed_at: at(5), expires_at: at(2_000), ..owned("kept", "ann") }
                }
                _ => record(""),
            };
            assert_eq!(stored.record, expected);
        }
        // The column by which sessions are evicted says the same.
        let rows = place.rows("select count(*) from sessions where owned = 1 and owner is not null").await;
        assert_eq!(rows[0][0], "20");
    })
    .await;
}

/// Refuses each write whose data are "bad" in base64.
fn refusal(dialect: Dialect) -> Vec<&'static str> {
    match dialect {
        Dialect::Sqlite => vec![
            "create trigger refuse before update on sessions when new.data = 'YmFk' \
             begin select raise(abort, 'bad'); end",
            "create trigger refuse_new before insert on sessions when new.data = 'YmFk' \
             begin select raise(abort, 'bad'); end",
        ],
        _ => vec!["alter table sessions add constraint refuse check (data <> 'YmFk')"],
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_refused_does_not_spoil_the_others() {
    each(&ALL, async |place| {
        let store = place.open().await;
        for statement in refusal(place.dialect) {
            place.run(statement).await;
        }
        let text = |n| if n % 10 == 3 { "bad" } else { "good" };
        let creates = at_once(&store, 50, move |store, n| async move {
            store.save(&key(n), &record(text(n)), Expect::Absent, at(0)).await
        })
        .await;
        for (n, answer) in creates.iter().enumerate() {
            assert_eq!(answer.is_err(), n % 10 == 3, "{n}: {answer:?}");
        }
        let changes = at_once(&store, 50, |store, n| {
            let revision = creates[usize::try_from(n).unwrap()].clone();
            async move {
                let Ok(revision) = revision else { return Ok(()) };
                let text = if n % 10 == 4 { "bad" } else { "better" };
                save(&store, n, text, revision).await.map(drop)
            }
        });
        for (n, answer) in changes.await.into_iter().enumerate() {
            match answer {
                Err(error) => assert!(n % 10 == 4 && !error.is_unknown(), "{n}: {}", words(&error)),
                Ok(()) => assert!(n % 10 != 4, "{n}"),
            }
            let expected = if n % 10 == 4 { "good" } else { "better" };
            assert!(n % 10 == 3 || data(&store, &key(n as u64)).await.as_deref() == Some(expected));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_locked_too_long_changes_nothing_for_all_that_wait() {
    each(&[Dialect::Sqlite], async |place| {
        let store = place.open_with(SqlOptions::default().timeout(Duration::from_millis(600))).await;
        let revisions = create_all(&store, 30).await;
        let mut other = <sqlx::SqliteConnection as sqlx::Connection>::connect(&place.url).await.unwrap();
        sqlx::raw_sql("begin immediate").execute(&mut other).await.unwrap();
        let saves = at_once(&store, 30, |store, n| {
            let current = revisions[usize::try_from(n).unwrap()];
            async move { save(&store, n, "new", current).await }
        });
        for answer in saves.await {
            let error = answer.unwrap_err();
            assert!(!error.is_unknown(), "{}", words(&error));
        }
        sqlx::raw_sql("commit").execute(&mut other).await.unwrap();
        for n in 0..30 {
            assert_eq!(data(&store, &key(n)).await.as_deref(), Some("old"));
        }
    })
    .await;
}

/// Saves every one of these sessions, all at once, again and again; they are asked for in the order of their places.
async fn save_all(store: SqlStore, rounds: u64, count: u64, place: impl Fn(u64) -> u64) {
    for _ in 0..rounds {
        at_once(&store, count, |store, n| {
            let n = place(n);
            async move {
                loop {
                    let stored = store.load(&key(n), at(0)).await.unwrap().unwrap();
                    let number: u64 = str::from_utf8(&stored.record.data).unwrap().parse().unwrap();
                    match save(&store, n, &(number + 1).to_string(), stored.revision).await {
                        Ok(_) => break,
                        Err(Error::Conflict) => {}
                        Err(error) => panic!("{}", words(&error)),
                    }
                }
            }
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_stores_that_write_the_same_sessions_lose_nothing_and_wait_for_no_deadlock() {
    each(&ALL, async |place| {
        let (one, other) = (place.open().await, place.open().await);
        at_once(&one, 30, |store, n| async move { create(&store, &key(n), "0").await }).await;
        if place.dialect == Dialect::Postgres {
            // Among many, the rows of a batch are looked up one by one, as they come.
            place.fill(Fill { count: 5_000, ..FILL }).await;
            place.run("analyze sessions").await;
        }
        // Who comes from the other end meets the rows in the other order.
        tokio::join!(save_all(one.clone(), 10, 30, |n| n), save_all(other, 10, 30, |n| 29 - n));
        for n in 0..30 {
            assert_eq!(data(&one, &key(n)).await.as_deref(), Some("20"));
        }
        assert_eq!(deadlocks(place).await, "0");
    })
    .await;
}

/// Returns how many deadlocks a server of PostgreSQL had to end in this database.
async fn deadlocks(place: &Place) -> String {
    if place.dialect != Dialect::Postgres {
        return "0".into();
    }
    let mut rows =
        place.rows("select deadlocks from pg_stat_database where datname = current_database()").await;
    rows.remove(0).remove(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_somebody_holds_holds_up_nobody_else() {
    each(&[Dialect::Postgres], async |place| {
        let store = place.open_with(SqlOptions::default().timeout(Duration::from_secs(2))).await;
        let revisions = create_all(&store, 30).await;
        let mut holder = <sqlx::PgConnection as sqlx::Connection>::connect(&place.url).await.unwrap();
        let hold = format!("begin; select 1 from sessions where session_id = '{}' for update", key(7));
        sqlx::raw_sql(sqlx::AssertSqlSafe(hold)).execute(&mut holder).await.unwrap();
        let saves = at_once(&store, 30, |store, n| {
            let current = revisions[usize::try_from(n).unwrap()];
            async move { save(&store, n, "new", current).await }
        });
        for (n, answer) in saves.await.into_iter().enumerate() {
            assert_eq!(answer.is_err(), n == 7, "{n}: {answer:?}");
            if let Err(error) = answer {
                // What hangs in the server is given up in its time, and may still be made.
                assert!(error.is_unknown(), "{}", words(&error));
                assert!(words(&error).contains("longer than the `timeout`"), "{}", words(&error));
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_of_one_connection_is_enough_and_is_given_back() {
    each(&ALL, async |place| {
        place.open().await.close().await;
        macro_rules! one {
            ($database:ty) => {{
                let options = sqlx::pool::PoolOptions::<$database>::new().max_connections(1);
                let pool = options.connect(&place.url).await.unwrap();
                let store = SqlStore::new(pool.clone(), "sessions").await.unwrap();
                let revisions = create_all(&store, 30).await;
                let saves = at_once(&store, 30, |store, n| {
                    let current = revisions[usize::try_from(n).unwrap()];
                    async move { save(&store, n, "new", current).await.unwrap() }
                });
                saves.await;
                // The application has its connection when the store is idle.
                let rows = sqlx::raw_sql("select 1").fetch_all(&pool).await.unwrap();
                assert_eq!(rows.len(), 1);
                pool.close().await;
            }};
        }
        match place.dialect {
            Dialect::Sqlite => one!(sqlx::Sqlite),
            Dialect::Postgres => one!(sqlx::Postgres),
            _ => one!(sqlx::MySql),
        }
    })
    .await;
}
