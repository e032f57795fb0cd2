//! Values from stored bytes, as a store hands them out.

use crc_fast::CrcAlgorithm;
use harness::{Values, repeat};
use session_core::{Config, Sessions, Store, Timestamp};
use store_memory::MemoryStore;

use crate::handles;

/// Measures one value of a record, checksum and structure verified (`first`); one of a session that is opened with its
/// cookie (`opened`); one of a session that was opened before (`second`); or what no reader of a record can do
/// without, its checksum (`checksum`).
pub(crate) async fn run(which: &str, bytes: usize) {
    let (store, values) = (MemoryStore::new(), Values::of(bytes));
    let sessions = Sessions::new(store.clone(), Config::plain_http()).unwrap();
    let cookie = handles::start(&sessions, &values).await;
    let open = async || sessions.open(&[&cookie], None).await.unwrap();
    let (session, name) = (open().await, values.middle());
    let key = session.key().unwrap();
    let stored = store.load(&key, Timestamp::EPOCH).await.unwrap().unwrap();
    match which {
        "first" => repeat(async || stored.value::<String>(&key, name).unwrap().unwrap()).await,
        "opened" => repeat(async || open().await.get::<String>(name).unwrap().unwrap()).await,
        "second" => repeat(async || session.get::<String>(name).unwrap().unwrap()).await,
        "checksum" => {
            let data = &stored.record.data;
            repeat(async || crc_fast::checksum(CrcAlgorithm::Crc32Iscsi, data)).await;
        }
        other => panic!("there is no value called `{other}`"),
    }
}
