//! What a failing disk and the loss of power do to the file, played with storage operations that were recorded.

mod disk;
mod faults;
mod images;
mod power;
mod recorder;

use session_core::{Key, Record, Timestamp};

pub(crate) use self::{images::Dice, recorder::Recorder};

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) fn key(n: u8) -> Key {
    Key::from_bytes([n; 16])
}

pub(crate) fn record(data: &str) -> Record {
    let data = data.to_owned().into();
    Record { data, accessed_at: at(0), expires_at: at(1_000), owner: None }
}
