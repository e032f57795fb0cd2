//! Stores over the application's own pool.

use session_core::Store;
use store_sql::{SqlPool, SqlStore};

use crate::{
    common::{at, create, data, key, words},
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
async fn a_closed_store_says_so() {
    each(&ALL, async |place| {
        let store = place.open().await;
        create(&store, &key(1), "x").await;
        store.close().await;
        let refused = store.load(&key(1), at(0)).await.unwrap_err();
        assert!(words(&refused).contains("the store was closed"), "{}", words(&refused));
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
