//! What a store in memory holds, as whoever gets hold of it would read it. The demo's tests do the same with what is on a disk
//! or a server.

use base64::{Engine, engine::general_purpose::URL_SAFE};
use session_core::{Config, Sessions, Store, Timestamp};
use store_memory::MemoryStore;

use crate::support::finish;

/// How many bytes of a ticket are its key, which is no secret.
const KEY_BYTES: usize = 16;

#[test]
fn the_store_in_memory_holds_no_byte_of_a_secret() {
    let store = MemoryStore::new();
    let sessions = Sessions::new(store.clone(), Config::plain_http()).unwrap();
    let open = |cookie: &str| pollster::block_on(sessions.open(&[cookie], None)).unwrap();
    let mut tickets = Vec::new();
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
        tickets.push(cookie.strip_prefix("id=").unwrap().to_owned());
    }

    let directory = store.directory().unwrap();
    let kept = pollster::block_on(directory.page(None, usize::MAX, Timestamp::from_millis(0))).unwrap();
    let mut dump = format!("{store:?} {kept:?} {sessions:?}").into_bytes();
    for (key, stored) in kept {
        dump.extend_from_slice(key.as_bytes());
        dump.extend_from_slice(&stored.record.data);
    }
    assert!(holds(&dump, b"value 3"), "the dump is not of the session");
    for ticket in tickets {
        let secret = URL_SAFE.decode(&ticket).unwrap().split_off(KEY_BYTES);
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        // Eight bytes in a row are no accident, wherever they are.
        assert!(!secret.windows(8).any(|part| holds(&dump, part)), "a part of a secret is kept");
        assert!(!holds(&dump, &ticket.as_bytes()[22..]) && !holds(&dump, hex.as_bytes()));
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
