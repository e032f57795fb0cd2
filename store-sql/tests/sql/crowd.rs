//! Many calls that are made at the same time.

use std::{future::Future, sync::Arc};

use session_core::{Expect, Result, Revision, Store};
use store_sql::SqlStore;
use tokio::{sync::Barrier, task::JoinSet};

use crate::common::{at, create, key, record};

/// Makes so many calls at once, and returns their answers in order.
pub(crate) async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    store: &SqlStore,
    count: u64,
    call: impl Fn(SqlStore, u64) -> F,
) -> Vec<T> {
    let (mut calls, barrier) = (JoinSet::new(), Arc::new(Barrier::new(count.try_into().unwrap())));
    for n in 0..count {
        let (call, barrier) = (call(store.clone(), n), barrier.clone());
        calls.spawn(async move {
            barrier.wait().await;
            (n, call.await)
        });
    }
    let mut answers = calls.join_all().await;
    answers.sort_unstable_by_key(|(n, _)| *n);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

pub(crate) async fn create_all(store: &SqlStore, count: u64) -> Vec<Revision> {
    at_once(store, count, |store, n| async move { create(&store, &key(n), "old").await }).await
}

pub(crate) async fn save(store: &SqlStore, n: u64, text: &str, expect: Revision) -> Result<Revision> {
    store.save(&key(n), &record(text), Expect::Revision(expect), at(0)).await
}
