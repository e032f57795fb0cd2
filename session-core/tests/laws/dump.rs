//! What a store in memory holds, as whoever gets hold of it would read it. The demo's tests do the same with what is on a disk
//! or a server.

use session_core::{Config, Sessions, Store, Timestamp};
use store_memory::MemoryStore;

use crate::{
    secrets::{Secrets, readings},
    support::finish,
};

#[test]
fn the_store_in_memory_holds_no_byte_of_a_secret() {
    let store = MemoryStore::new();
    let sessions = Sessions::new(store.clone(), Config::plain_http()).unwrap();
    let open = |cookie: &str| pollster::block_on(sessions.open(&[cookie], None)).unwrap();
    let mut secrets = Secrets::default();
    let mut cookie = String::new();
    for step in 0..4 {
        let session = open(&cookie);
        session.insert("planted", &format!("value {step}")).unwrap();
        match step {
            0 => {}
            1 => session.rotate(),
            _ => session.login("ada").unwrap(),
        }
        cookie = finish(&session);
        secrets.add(&cookie);
    }

    let directory = store.directory().unwrap();
    let kept = pollster::block_on(directory.page(None, usize::MAX, Timestamp::from_millis(0))).unwrap();
    let mut dump = format!("{store:?} {kept:?} {sessions:?}").into_bytes();
    for (key, stored) in kept {
        dump.extend_from_slice(key.as_bytes());
        dump.extend_from_slice(&stored.record.data);
    }
    let is_planted = |reading: &Vec<u8>| reading.windows(7).any(|part| part == b"value 3");
    assert!(readings(&dump).iter().any(is_planted), "the dump is not of the session");
    assert_eq!(secrets.len(), 4);
    assert!(!secrets.are_in(&dump), "a part of a secret is kept or shown");
}
