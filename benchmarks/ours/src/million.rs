//! A million sessions of 200 bytes: sweeping them, and opening what they are in.

use std::{collections::BTreeMap, ops::Range, sync::Arc, time::Duration};

use bytes::Bytes;
use harness::{Values, answer_rounds, timed};
use session_core::{Clock, Expect, Key, Record, Store, SystemClock, Timestamp};
use tokio::task::JoinSet;

use crate::{keys::key, open, sql};

const SESSIONS: usize = 1_000_000;
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// How many sessions one call deletes: as many as `Sessions::sweep` asks for.
const LIMIT: usize = session_core::Sessions::SWEEP_BATCH;
const TASKS: usize = 256;

/// Measures `sweep-none`, `sweep-tenth` or `open`.
pub(crate) async fn run(work: &str, name: &str, place: &str) {
    match work {
        "sweep-none" => Million::in_store(name, place).await.sweeps(0).await,
        "sweep-tenth" => Million::in_store(name, place).await.sweeps(SESSIONS / 10).await,
        "open" => opens(name, place).await,
        other => panic!("there is no work called `{other}`"),
    }
    sql::clean_up(name, place).await;
}

struct Million<'a> {
    name: &'a str,
    place: &'a str,
    store: Arc<dyn Store>,
}

impl<'a> Million<'a> {
    async fn in_store(name: &'a str, place: &'a str) -> Self {
        Self { name, place, store: open::shared(name, place).await }
    }

    /// Sweeps once for each round, after `dead` sessions were made that are dead by then.
    async fn sweeps(&self, dead: usize) {
        self.fill(dead..SESSIONS, DAY).await;
        answer_rounds(async |_| {
            self.fill(0..dead, DAY / 4).await;
            let now = SystemClock.now() + DAY / 2;
            let sweep = async {
                let mut deleted = 0;
                loop {
                    let batch = self.store.delete_expired(now, LIMIT).await.unwrap();
                    deleted += batch;
                    if batch < LIMIT {
                        break deleted;
                    }
                }
            };
            let (deleted, time) = timed(sweep).await;
            assert_eq!(deleted, dead);
            (1, time)
        })
        .await;
    }

    /// Creates the sessions at `places`, which live for so long from now, as fast as it can be done.
    async fn fill(&self, places: Range<usize>, lives: Duration) {
        match self.name {
            "sqlite" | "postgres" if places.is_empty() => {}
            "sqlite" | "postgres" => {
                sql::multiply(self.name, self.place, &*self.store, places.len(), lives).await;
            }
            _ => save_all(&self.store, places, SystemClock.now() + lives).await,
        }
    }
}

/// Opens a store that holds a million once for each round, and loads a session.
async fn opens(name: &str, place: &str) {
    let expires_at = SystemClock.now() + DAY;
    let one = &key(SESSIONS / 2);
    match name {
        "shelf" => {
            let store = open::shelf("shelf-process", place);
            save_all(&(Arc::new(store.clone()) as Arc<dyn Store>), 0..SESSIONS, expires_at).await;
            store.close().await;
            answer_rounds(async |_| {
                let (store, time) = timed(opened(async || open::shelf(name, place), one)).await;
                store.close().await;
                (1, time)
            })
            .await;
        }
        "disk" => {
            let store = Arc::new(open::disk("disk-process", place));
            save_all(&(store as Arc<dyn Store>), 0..SESSIONS, expires_at).await;
            answer_rounds(async |_| (1, timed(opened(async || open::disk(name, place), one)).await.1)).await;
        }
        _ => {
            let million = Million::in_store(name, place).await;
            million.fill(0..SESSIONS, DAY).await;
            answer_rounds(async |_| {
                (1, timed(opened(async || open::in_sql(name, place).await, one)).await.1)
            })
            .await;
        }
    }
}

/// Opens a store, has it look for a session, and returns it.
async fn opened<S: Store>(open: impl AsyncFnOnce() -> S, key: &Key) -> S {
    let store = open().await;
    store.load(key, SystemClock.now()).await.unwrap();
    store
}

async fn save_all(store: &Arc<dyn Store>, places: Range<usize>, expires_at: Timestamp) {
    let data = data();
    let tasks = (0..TASKS).map(|task| {
        let (store, data, places) = (Arc::clone(store), data.clone(), places.clone());
        async move {
            for place in places.skip(task).step_by(TASKS) {
                let now = SystemClock.now();
                let record = Record { data: data.clone(), accessed_at: now, expires_at, owner: None };
                store.save(&key(place), &record, Expect::Absent, now).await.unwrap();
            }
        }
    });
    tasks.collect::<JoinSet<_>>().join_all().await;
}

/// Returns what all of them hold.
pub(crate) fn data() -> Bytes {
    let values: BTreeMap<_, _> = Values::of(200).pairs.into_iter().collect();
    rmp_serde::to_vec(&values).unwrap().into()
}
