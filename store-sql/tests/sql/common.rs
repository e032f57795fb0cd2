//! What the tests share.

use std::{future::Future, time::Duration};

use bytes::Bytes;
use session_core::{Error, Expect, Key, Owner, Record, Result, Revision, Store, Timestamp};
use store_sql::SqlOptions;

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) fn key(n: u64) -> Key {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&n.to_be_bytes());
    Key::from_bytes(bytes)
}

/// Returns a record that is used at 0 and dead at 1,000.
pub(crate) fn record(data: &str) -> Record {
    Record { data: Bytes::from(data.to_owned()), accessed_at: at(0), expires_at: at(1_000), owner: None }
}

pub(crate) fn owned(data: &str, name: &str) -> Record {
    Record { owner: Some(owner(name)), ..record(data) }
}

pub(crate) fn owner(name: &str) -> Owner {
    Owner::new(name).unwrap()
}

pub(crate) async fn create(store: &impl Store, key: &Key, data: &str) -> Revision {
    store.save(key, &record(data), Expect::Absent, at(0)).await.unwrap()
}

/// Returns the data of the session that is live at 0.
pub(crate) async fn data(store: &impl Store, key: &Key) -> Option<String> {
    let stored = store.load(key, at(0)).await.unwrap()?;
    Some(String::from_utf8(stored.record.data.to_vec()).unwrap())
}

/// Returns options for calls that are to end soon.
pub(crate) fn quick() -> SqlOptions {
    SqlOptions::default().timeout(Duration::from_millis(800))
}

/// Returns an error with all its causes, as it is shown and as it is debugged.
pub(crate) fn words(error: &Error) -> String {
    let mut words = format!("{error} {error:?}");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words.push_str(&format!(": {error} {error:?}"));
        cause = error.source();
    }
    words
}

/// Waits for a call that must end, in whatever time a busy machine takes for it.
pub(crate) async fn ends<T>(call: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), call).await.expect("a call does not end")
}

/// Repeats a call until it succeeds: the connections of before may fail one by one.
pub(crate) async fn recovers<T>(call: impl AsyncFn() -> Result<T>) -> T {
    for _ in 0..15 {
        match ends(call()).await {
            Ok(answer) => return answer,
            Err(error) => assert!(matches!(error, Error::Backend { .. }), "{}", words(&error)),
        }
    }
    panic!("the store does not recover");
}
