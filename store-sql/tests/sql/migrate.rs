//! Making a table, and refusing one that does not fit.

use std::time::Duration;

use session_core::{Error, Store};
use store_sql::{Dialect, SqlPool, SqlStore};
use tokio::task::JoinSet;

use crate::{
    common::{create, data, ends, key, words},
    place::{ALL, Place, each},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_may_migrate_at_once() {
    each(&ALL, async |place| {
        for from_manual in [false, true] {
            let _ = place.try_run("drop table sessions").await;
            if from_manual {
                place.run(place.manual()).await;
            }
            let mut all = JoinSet::new();
            for _ in 0..16 {
                let url = place.url.clone();
                all.spawn(async move { SqlStore::migrate(&url, "sessions").await });
            }
            for migrated in all.join_all().await {
                migrated.unwrap();
            }
            let store = SqlStore::connect(&place.url, "sessions").await.unwrap();
            create(&store, &key(1), "x").await;
            SqlStore::migrate(&place.url, "sessions").await.unwrap();
            assert_eq!(data(&store, &key(1)).await.as_deref(), Some("x"));
        }
    })
    .await;
}

#[tokio::test]
async fn the_printed_statements_make_the_same_table() {
    each(&ALL, async |place| {
        for statement in SqlStore::schema(place.dialect, "sessions").unwrap().split(";\n") {
            if !statement.is_empty() {
                place.run(statement).await;
            }
        }
        let by_hand = description(place).await;
        SqlStore::migrate(&place.url, "sessions").await.unwrap();
        assert_eq!(description(place).await, by_hand, "a migration changed it");
        place.run("drop table sessions").await;
        SqlStore::migrate(&place.url, "sessions").await.unwrap();
        assert_eq!(description(place).await, by_hand);
        assert!(by_hand.len() >= 5, "{by_hand:?}");
    })
    .await;
}

async fn description(place: &Place) -> Vec<Vec<String>> {
    let sql = match place.dialect {
        Dialect::Sqlite => "select name, sql from sqlite_master order by name",
        Dialect::Postgres => {
            "select column_name::text, data_type::text, is_nullable::text from information_schema.columns \
             where table_name = 'sessions' \
             union all select indexname::text, indexdef, '' from pg_indexes where tablename = 'sessions' order by 1"
        }
        _ => {
            "select column_name, column_type, is_nullable from information_schema.columns \
             where table_schema = database() union all select index_name, column_name, '' \
             from information_schema.statistics where table_schema = database() order by 1, 2"
        }
    };
    place.rows(sql).await
}

#[tokio::test]
async fn a_column_that_does_not_fit_is_named() {
    each(&ALL, async |place| {
        let other = "create table sessions (session_id char(128) UNIQUE NOT NULL, \
                     atime timestamp NOT NULL default current_timestamp, data text, ";
        let ours = match place.dialect {
            Dialect::Sqlite => "owner blob",
            Dialect::Postgres => "owner bytea",
            _ => "owner varbinary(255)",
        };
        let rest = format!("accessed_at bigint, expires_at bigint, {ours}, owned smallint");
        let whole = format!("{other}{rest}, revision bigint)");
        let not_unique = whole.replace("UNIQUE ", "");
        // What is not the key itself makes two rows differ that have the same one.
        let second = if place.dialect == Dialect::MySql { "owned" } else { "lower(data)" };
        let mut tables = vec![
            (format!("{other}{rest})"), "column `revision` is missing"),
            (whole.replace("revision bigint", "revision char(5)"), "column `revision` has another type"),
            (
                whole.replace("revision bigint", "revision bigint, tenant bigint NOT NULL"),
                "column `tenant` is not ours, and takes neither NULL nor a default",
            ),
            (
                format!("{not_unique}; create unique index both_of_them on sessions (session_id, {second})"),
                "column `session_id` is not UNIQUE",
            ),
            (not_unique, "column `session_id` is not UNIQUE"),
        ];
        let like_ours = like_ours(place.dialect).iter();
        tables.extend(like_ours.map(|(ours, other, says)| (whole.replace(ours, other), *says)));
        for (table, says) in tables {
            let table = if place.dialect == Dialect::MySql {
                table.replace("data text", "data mediumtext")
            } else {
                table
            };
            place.run(&table).await;
            let refused = SqlStore::connect(&place.url, "sessions").await.unwrap_err();
            assert!(words(&refused).contains(says), "{:?} {}", place.dialect, words(&refused));
            let (before, migrated) =
                (description(place).await, SqlStore::migrate(&place.url, "sessions").await);
            if says.contains("is missing") {
                migrated.unwrap();
            } else {
                let refused = migrated.unwrap_err();
                assert!(words(&refused).contains(says), "{:?} {}", place.dialect, words(&refused));
                assert!(!refused.is_unknown());
                assert_eq!(description(place).await, before);
            }
            place.run("drop table sessions").await;
        }
    })
    .await;
}

#[tokio::test]
async fn each_column_that_is_missing_is_named() {
    each(&ALL, async |place| {
        place.open().await.close().await;
        for column in
            ["session_id", "atime", "data", "accessed_at", "expires_at", "owner", "owned", "revision"]
        {
            rename(place, column, "gone").await;
            let refused = SqlStore::connect(&place.url, "sessions").await.unwrap_err();
            let missing = format!("column `{column}` is missing");
            assert!(words(&refused).contains(&missing), "{:?} {}", place.dialect, words(&refused));
            rename(place, "gone", column).await;
        }
        place.open().await;
    })
    .await;
}

/// Renames a column, on SQLite over a connection that has looked what the columns are called now.
async fn rename(place: &Place, from: &str, to: &str) {
    let look = "select count(*) from sessions";
    place.run(&format!("{look}; alter table sessions rename column {from} to {to}")).await;
}

#[tokio::test]
async fn a_type_of_the_manual_that_is_another_is_named_and_not_changed() {
    each(&ALL, async |place| {
        place.run(&place.manual().replace("data text", "data bigint")).await;
        let before = description(place).await;
        for refused in [
            SqlStore::migrate(&place.url, "sessions").await.unwrap_err(),
            SqlStore::connect(&place.url, "sessions").await.unwrap_err(),
        ] {
            let words = words(&refused);
            assert!(
                words.contains("column `data` has another type") || words.contains("is missing"),
                "{words}"
            );
        }
        assert_eq!(description(place).await, before);
    })
    .await;
}

/// Columns whose types begin like ours and are others.
fn like_ours(dialect: Dialect) -> &'static [(&'static str, &'static str, &'static str)] {
    match dialect {
        Dialect::Sqlite => &[],
        Dialect::Postgres => &[
            ("char(128)", "char(128)[]", "column `session_id` has another type"),
            ("data text", "data text[]", "column `data` has another type"),
            ("owner bytea", "owner bytea[]", "column `owner` has another type"),
            ("revision bigint", "revision bigint[]", "column `revision` has another type"),
        ],
        _ => &[
            ("expires_at bigint", "expires_at bigint unsigned", "column `expires_at` has another type"),
            ("revision bigint", "revision bigint unsigned zerofill", "column `revision` has another type"),
        ],
    }
}

/// What holds up those who migrate, and what holds up changes of the table alone; and how either ends.
fn holds(dialect: Dialect) -> [(&'static str, &'static str); 2] {
    match dialect {
        Dialect::Sqlite => [("begin immediate", "commit"), ("begin exclusive", "commit")],
        Dialect::Postgres => [
            ("begin; select pg_advisory_xact_lock(x'73657373696f6e73'::bigint)", "commit"),
            ("begin; select * from sessions", "commit"),
        ],
        _ => [
            (
                "select get_lock(concat('sessions.', sha1(concat(database(), '.sessions'))), 0)",
                "select release_all_locks()",
            ),
            ("start transaction; select * from sessions", "commit"),
        ],
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_gives_up_when_somebody_is_in_its_way_for_too_long() {
    each(&ALL, async |place| {
        place.run(place.manual()).await;
        let before = description(place).await;
        for (hold, free) in holds(place.dialect) {
            macro_rules! held {
                ($pool:expr) => {{
                    let mut holder = $pool.acquire().await.unwrap();
                    sqlx::raw_sql(hold).execute(&mut *holder).await.unwrap();
                    let migrating =
                        store_sql::__private::migrate(&place.url, "sessions", Duration::from_millis(300));
                    let refused = ends(migrating).await.unwrap_err();
                    assert!(words(&refused).contains("another process migrates"), "{}", words(&refused));
                    assert!(!refused.is_unknown());
                    sqlx::raw_sql(free).execute(&mut *holder).await.unwrap();
                }};
            }
            match &place.pool {
                SqlPool::Sqlite(pool) => held!(pool),
                SqlPool::Postgres(pool) => held!(pool),
                SqlPool::MySql(pool) => held!(pool),
                _ => unreachable!(),
            }
            assert_eq!(description(place).await, before);
        }
        create(&place.open().await, &key(1), "x").await;
    })
    .await;
}

#[tokio::test]
async fn a_migration_that_fails_half_way_says_whether_something_was_changed() {
    each(&ALL, async |place| {
        place.run(place.manual()).await;
        if place.dialect == Dialect::MySql {
            // So many that there is no room for all of ours.
            let indexes: Vec<_> = (0..62).map(|n| format!("add index i{n} (atime)")).collect();
            place.run(&format!("alter table sessions {}", indexes.join(", "))).await;
        } else {
            place.run("create table other (x bigint)").await;
            place.run("create index sessions_owner on other (x)").await;
        }
        let before = description(place).await;
        let failed = SqlStore::migrate(&place.url, "sessions").await.unwrap_err();
        let is_undone = place.dialect != Dialect::MySql;
        assert_eq!(failed.is_unknown(), !is_undone, "{}", words(&failed));
        assert_eq!(description(place).await == before, is_undone);
    })
    .await;
}

#[tokio::test]
async fn text_that_would_be_cut_is_widened() {
    each(&[Dialect::MySql], async |place| {
        place.run(place.manual()).await;
        let store = place.open().await;
        let long = "x".repeat(200_000);
        create(&store, &key(1), &long).await;
        assert_eq!(data(&store, &key(1)).await, Some(long));
    })
    .await;
}

#[tokio::test]
async fn a_missing_table_is_an_error_that_says_what_to_do() {
    each(&ALL, async |place| {
        place.run("create table other (x bigint)").await;
        let refused = SqlStore::connect(&place.url, "sessions").await.unwrap_err();
        assert!(words(&refused).contains("there is no such table: call `SqlStore::migrate`"), "{refused:?}");
        let store = place.open().await;
        place.run("drop table sessions").await;
        let failed = ends(store.load(&key(1), crate::common::at(0))).await.unwrap_err();
        assert!(words(&failed).contains("there is no such table"), "{}", words(&failed));
        assert!(!failed.is_unknown());
    })
    .await;
}

#[tokio::test]
async fn a_name_that_is_no_name_is_refused_before_anything_is_sent() {
    for name in ["", "a b", "sessions; drop table x", "\"", "`", "naïve"] {
        let refused = SqlStore::connect("sqlite:/nowhere/at/all.db", name).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { .. }), "{refused:?}");
        assert!(SqlStore::schema(Dialect::Sqlite, name).is_err());
    }
}
