//! A million sessions of 200 bytes: sweeping them.

use std::time::Instant;

use harness::{Values, answer_rounds};
use tower_sessions::{ExpiredDeletion, SessionStore};

use crate::{bulk, open, record::record};

const SESSIONS: usize = 1_000_000;
const BYTES: usize = 200;

/// Measures `sweep-none` or `sweep-tenth`.
pub(crate) async fn run(work: &str, name: &str, place: &str) {
    let dead = match work {
        "sweep-none" => 0,
        "sweep-tenth" => SESSIONS / 10,
        other => panic!("there is no work called `{other}`"),
    };
    match name {
        "async-memory" => crate::async_session::sweeps(SESSIONS, dead, BYTES).await,
        "tower-sqlite" => {
            let store = open::sqlite(place).await;
            let fill = async |count, expires_in| bulk::multiply_sqlite(place, count, expires_in).await;
            sweeps(&store, dead, fill).await;
        }
        "tower-postgres" => {
            let (store, schema) = (open::postgres(place).await, open::schema());
            let fill =
                async |count, expires_in| bulk::multiply_postgres(place, &schema, count, expires_in).await;
            sweeps(&store, dead, fill).await;
        }
        other => panic!("`{other}` cannot be swept"),
    }
    open::clean_up(name, place).await;
}

/// Sweeps once for each round, after `dead` sessions were made that have expired.
async fn sweeps<S>(store: &S, dead: usize, fill: impl AsyncFn(usize, &'static str))
where
    S: SessionStore + ExpiredDeletion,
{
    store.create(&mut record(&Values::of(BYTES))).await.unwrap();
    fill(SESSIONS - dead, "1 day").await;
    answer_rounds(async |_| {
        if dead > 0 {
            fill(dead, "-1 day").await;
        }
        let start = Instant::now();
        store.delete_expired().await.unwrap();
        (1, start.elapsed())
    })
    .await;
}
