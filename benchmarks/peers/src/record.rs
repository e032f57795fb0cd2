//! What tower-sessions keeps of a session.

use harness::Values;
use time::{Duration, OffsetDateTime};
use tower_sessions::session::{Id, Record};

/// Returns the key of a place: neighbours in number are none in the store, as keys are random in life.
pub(crate) fn id(place: usize) -> Id {
    let mixed = (place as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    Id(i128::from_be_bytes(mixed.to_be_bytes()))
}

/// Returns a record with `values`, which is to be given an id.
pub(crate) fn record(values: &Values) -> Record {
    let data = values.pairs.iter().map(|(name, text)| (name.clone(), text.clone().into())).collect();
    Record { id: id(0), data, expiry_date: expiry(0) }
}

/// Returns a time that is not the same for each write, as in life.
pub(crate) fn expiry(change: u64) -> OffsetDateTime {
    OffsetDateTime::now_utc() + Duration::hours(1) + Duration::milliseconds((change % 1_000) as i64)
}
