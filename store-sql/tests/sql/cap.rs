//! The cap, where several stores share a table.

use std::time::Duration;

use session_core::{Expect, Store};
use store_sql::{Dialect, SqlOptions, SqlPool};

use crate::{
    common::{at, create, data, ends, key, owned, record},
    fill::{FILL, Fill},
    place::{ALL, Place, SERVERS, each},
};

#[tokio::test]
async fn what_others_created_is_counted_with_the_next_sweep() {
    each(&ALL, async |place| {
        let one = place.open_with(SqlOptions::default().max_sessions(5)).await;
        let other = place.open_with(SqlOptions::default().max_sessions(5)).await;
        for n in 0..5 {
            create(&one, &key(n), "one").await;
            create(&other, &key(100 + n), "other").await;
        }
        assert_eq!(one.delete_expired(at(0), usize::MAX).await.unwrap(), 0);
        assert_eq!(one.directory().unwrap().count(at(0)).await.unwrap(), 5);
        create(&one, &key(50), "one more").await;
        assert_eq!(one.directory().unwrap().count(at(0)).await.unwrap(), 5);
    })
    .await;
}

#[tokio::test]
async fn a_table_above_a_new_cap_is_brought_down_by_the_first_create() {
    each(&ALL, async |place| {
        let store = place.open().await;
        for n in 0..40 {
            let record = if n < 10 { owned("x", "ann") } else { record("x") };
            store.save(&key(n), &record, Expect::Absent, at(0)).await.unwrap();
        }
        let capped = place.open_with(SqlOptions::default().max_sessions(8)).await;
        create(&capped, &key(100), "new").await;
        let left = capped.directory().unwrap().page(None, 100, at(0)).await.unwrap();
        // The new one has no owner, and stays all the same.
        assert_eq!(left.len(), 8);
        assert_eq!(left.iter().filter(|(_, stored)| stored.record.owner.is_some()).count(), 7);
        assert_eq!(left.last().unwrap().0, key(100));
    })
    .await;
}

/// How many have no owner, and how many have one.
async fn counts(place: &Place) -> (u64, u64) {
    let count = async |owned| {
        let rows = place.rows(&format!("select count(*) from sessions where owned = {owned}")).await;
        rows[0][0].parse().unwrap()
    };
    (count(0).await, count(1).await)
}

#[tokio::test]
async fn a_table_far_above_a_new_cap_is_brought_down_step_by_step() {
    each(&ALL, async |place| {
        let capped = place.open_with(SqlOptions::default().max_sessions(100)).await;
        place.fill(Fill { count: 600, ..FILL }).await;
        place.fill(Fill { count: 300, owned: true, ..FILL }).await;
        // A step takes 256, and who has an owner goes when nobody else is left.
        for (n, left) in [(1, (345, 300)), (2, (90, 300)), (3, (1, 99)), (4, (1, 99))] {
            create(&capped, &key(n), "new").await;
            assert_eq!(counts(place).await, left, "{:?}: {n}", place.dialect);
        }
        place.run("delete from sessions").await;
        place.fill(Fill { count: 900, ..FILL }).await;
        assert_eq!(capped.delete_expired(at(0), usize::MAX).await.unwrap(), 0);
        assert_eq!(counts(place).await, (100, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_used_while_others_are_evicted_stays() {
    each(&SERVERS, async |place| {
        let options = SqlOptions::default().timeout(Duration::from_secs(60)).max_sessions(5);
        let store = place.open_with(options).await;
        for n in 0..5 {
            let (mut record, used) = (record("x"), i64::try_from(n).unwrap());
            // The oldest is the last to expire: on MariaDB, a sweep waits for whoever holds the next one that it would meet.
            (record.accessed_at, record.expires_at) = (at(used), at(2_000 - used));
            store.save(&key(n), &record, Expect::Absent, at(0)).await.unwrap();
        }
        // The oldest is used by somebody, and is not the oldest any more when that is done.
        let touch = format!("update sessions set accessed_at = 900 where session_id = '{}'", key(0));
        let hold = format!("begin; {touch}");
        macro_rules! used {
            ($pool:expr) => {{
                let mut holder = $pool.acquire().await.unwrap();
                sqlx::raw_sql(sqlx::AssertSqlSafe(hold)).execute(&mut *holder).await.unwrap();
                let mut another = record("x");
                another.accessed_at = at(800);
                let creating = tokio::spawn({
                    let store = store.clone();
                    async move { store.save(&key(9), &another, Expect::Absent, at(0)).await }
                });
                // MariaDB chooses it and waits for it, PostgreSQL passes over it.
                if place.dialect == Dialect::MySql {
                    ends(waits_for_a_lock(place)).await;
                } else {
                    ends(async { while counts(place).await.0 != 5 || !has(place, 9).await {} }).await;
                }
                sqlx::raw_sql("commit").execute(&mut *holder).await.unwrap();
                creating.await.unwrap().unwrap();
            }};
        }
        match &place.pool {
            SqlPool::Postgres(pool) => used!(pool),
            SqlPool::MySql(pool) => used!(pool),
            _ => unreachable!(),
        }
        assert_eq!(counts(place).await, (5, 0), "{:?}", place.dialect);
        assert_eq!(data(&store, &key(0)).await.as_deref(), Some("x"), "{:?}", place.dialect);
        assert_eq!(data(&store, &key(1)).await, None);
    })
    .await;
}

async fn has(place: &Place, n: u64) -> bool {
    let sql = format!("select count(*) from sessions where session_id = '{}'", key(n));
    place.rows(&sql).await[0][0] == "1"
}

async fn waits_for_a_lock(place: &Place) {
    let sql = "select count(*) from information_schema.innodb_trx as t \
               join information_schema.processlist as p on p.id = t.trx_mysql_thread_id \
               where t.trx_state = 'LOCK WAIT' and p.db = database()";
    while place.rows(sql).await[0][0] == "0" {
        // What was looked up is not looked up anew as long as somebody asks for it within 100 ms.
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
}
