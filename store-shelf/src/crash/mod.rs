//! What a failing disk and the loss of power do to the file, played with storage operations that were recorded.

mod disk;
mod faults;
mod images;
mod power;
mod recorder;

use session_core::{Key, Record, Timestamp};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn key(n: u8) -> Key {
    Key::from_bytes([n; 16])
}

fn record(data: &str) -> Record {
    let data = data.to_owned().into();
    Record { data, accessed_at: at(0), expires_at: at(1_000), owner: None }
}
