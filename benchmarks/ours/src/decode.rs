//! Values from stored bytes: the checksum is verified when the session is opened, and values are decoded when they are
//! asked for.
//!
//! There is no store but one record, so what is measured is all that lies between it and a value. For the first value
//! that includes checking the ticket of the cookie, which the peer's decode has nothing of.

use async_trait::async_trait;
use harness::{Values, repeat};
use session_core::{Config, Expect, Key, Record, Result, Revision, Sessions, Store, Stored, Timestamp};
use store_memory::MemoryStore;

use crate::handles;

/// Measures the `first` value of an opened session, or the `second` of one that was opened before.
pub(crate) async fn run(which: &str, bytes: usize) {
    let values = Values::of(bytes);
    let (sessions, cookie) = one(&values).await;
    let open = async || sessions.open(&[&cookie], None).await.unwrap();
    let name = values.middle();
    match which {
        "first" => repeat(async || open().await.get::<String>(name).unwrap().unwrap()).await,
        "second" => {
            let session = open().await;
            repeat(async || session.get::<String>(name).unwrap().unwrap()).await;
        }
        other => panic!("there is no value called `{other}`"),
    }
}

/// Returns the sessions of a store that has only one, and its cookie.
async fn one(values: &Values) -> (Sessions, String) {
    let store = MemoryStore::new();
    let sessions = Sessions::new(store.clone(), Config::plain_http()).unwrap();
    let cookie = handles::start(&sessions, values).await;
    let key = sessions.open(&[&cookie], None).await.unwrap().key().unwrap();
    let stored = store.load(&key, Timestamp::EPOCH).await.unwrap().unwrap();
    (Sessions::new(One(stored), Config::plain_http()).unwrap(), cookie)
}

#[derive(Debug)]
struct One(Stored);

#[async_trait]
impl Store for One {
    async fn load(&self, _: &Key, _: Timestamp) -> Result<Option<Stored>> {
        Ok(Some(self.0.clone()))
    }

    async fn save(&self, _: &Key, _: &Record, _: Expect, _: Timestamp) -> Result<Revision> {
        unimplemented!("nothing is saved")
    }

    async fn touch(
        &self,
        _: &Key,
        _: Revision,
        _: Timestamp,
        _: Timestamp,
        _: Timestamp,
    ) -> Result<Revision> {
        unimplemented!("nothing is touched")
    }

    async fn delete(&self, _: &Key) -> Result<()> {
        unimplemented!("nothing is deleted")
    }

    async fn delete_expired(&self, _: Timestamp, _: usize) -> Result<usize> {
        unimplemented!("nothing expires")
    }
}
