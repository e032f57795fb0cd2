//! Locks that somebody else holds.

use store_sql::Dialect;

use crate::place::Place;

/// Holds up all writes until it is told to stop, by a lock that another connection holds.
pub(crate) async fn held_up(place: &Place, work: impl AsyncFnOnce()) {
    let lock = match place.dialect {
        Dialect::Sqlite => "begin immediate",
        Dialect::Postgres => "begin; lock table sessions in share row exclusive mode",
        _ => "lock tables sessions write",
    };
    let free = if place.dialect == Dialect::MySql { "unlock tables" } else { "commit" };
    macro_rules! hold {
        ($pool:expr) => {{
            let mut connection = $pool.acquire().await.unwrap();
            sqlx::raw_sql(lock).execute(&mut *connection).await.unwrap();
            work().await;
            sqlx::raw_sql(free).execute(&mut *connection).await.unwrap();
        }};
    }
    match &place.pool {
        store_sql::SqlPool::Sqlite(pool) => hold!(pool),
        store_sql::SqlPool::Postgres(pool) => hold!(pool),
        store_sql::SqlPool::MySql(pool) => hold!(pool),
        _ => unreachable!(),
    }
}
