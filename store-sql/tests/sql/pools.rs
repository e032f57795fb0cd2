//! Stores over the application's own pool.

use std::time::Duration;

use session_core::{Expect, Store};
use sqlx::{pool::PoolOptions, sqlite::SqlitePoolOptions};
use store_sql::{Dialect, SqlOptions, SqlPool, SqlStore};

use crate::{
    common::{at, create, data, ends, key, record, words},
    held::held_up,
    place::{ALL, each},
};

#[tokio::test]
async fn any_of_the_pools_will_do() {
    each(&ALL, async |place| {
        SqlStore::migrate_pool(place.pool.clone(), "sessions").await.unwrap();
        let store = match place.pool.clone() {
            SqlPool::Sqlite(pool) => SqlStore::new(pool, "sessions").await.unwrap(),
            SqlPool::Postgres(pool) => SqlStore::new(pool, "sessions").await.unwrap(),
            SqlPool::MySql(pool) => SqlStore::new(pool, "sessions").await.unwrap(),
            _ => unreachable!(),
        };
        let revision = create(&store, &key(1), "x").await;
        store.touch(&key(1), revision, at(0), at(5), at(0)).await.unwrap();
        assert_eq!(data(&place.open().await, &key(1)).await.as_deref(), Some("x"));
        store.delete(&key(1)).await.unwrap();
        assert_eq!(data(&store, &key(1)).await, None);
    })
    .await;
}

#[tokio::test]
async fn on_sqlite_a_lock_is_waited_for_within_the_time_of_the_store_and_not_of_the_pool() {
    each(&[Dialect::Sqlite], async |place| {
        place.open().await.close().await;
        // A pool of sqlx waits for 5 s as it is.
        let pool = SqlitePoolOptions::new().max_connections(1).connect(&place.url).await.unwrap();
        let patience = async || {
            let patience = sqlx::query_scalar::<_, i64>("pragma busy_timeout").fetch_one(&pool).await;
            patience.unwrap()
        };
        assert_eq!(patience().await, 5_000);
        let options = SqlOptions::default().timeout(Duration::from_millis(800));
        let store = SqlStore::new_with(pool.clone(), "sessions", options).await.unwrap();
        let revision = create(&store, &key(1), "old").await;
        assert_eq!(patience().await, 5_000);
        held_up(place, async || {
            let refused =
                store.save(&key(1), &record("new"), Expect::Revision(revision), at(0)).await.unwrap_err();
            assert!(words(&refused).contains("another process holds the lock"), "{}", words(&refused));
            assert!(!refused.is_unknown());
        })
        .await;
        assert_eq!(patience().await, 5_000);
        assert_eq!(data(&store, &key(1)).await.as_deref(), Some("old"));
        pool.close().await;
    })
    .await;
}

#[tokio::test]
async fn when_the_application_uses_all_connections_of_its_pool_that_is_said() {
    each(&ALL, async |place| {
        place.open().await.close().await;
        let options = SqlOptions::default().timeout(Duration::from_millis(800));
        macro_rules! exhausted {
            ($database:ty) => {{
                let pool =
                    PoolOptions::<$database>::new().max_connections(2).connect(&place.url).await.unwrap();
                let store = SqlStore::new_with(pool.clone(), "sessions", options).await.unwrap();
                create(&store, &key(1), "x").await;
                let all = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
                let unread = ends(store.load(&key(1), at(0))).await.unwrap_err();
                let refused =
                    ends(store.save(&key(2), &record("x"), Expect::Absent, at(0))).await.unwrap_err();
                for failed in [unread, refused] {
                    assert!(words(&failed).contains("all connections are in use"), "{}", words(&failed));
                    assert!(!failed.is_unknown());
                }
                drop(all);
                create(&store, &key(2), "again").await;
                pool.close().await;
            }};
        }
        match place.dialect {
            Dialect::Sqlite => exhausted!(sqlx::Sqlite),
            Dialect::Postgres => exhausted!(sqlx::Postgres),
            _ => exhausted!(sqlx::MySql),
        }
    })
    .await;
}

#[tokio::test]
async fn without_a_runtime_a_pool_is_refused() {
    each(&ALL, async |place| {
        let pool = place.pool.clone();
        let refused = std::thread::spawn(|| pollster(SqlStore::new(pool, "sessions"))).join().unwrap();
        assert!(words(&refused.unwrap_err()).contains("runtime"));
    })
    .await;
}

/// Polls once what must be ready at once.
fn pollster<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("it waits for a runtime"),
    }
}
