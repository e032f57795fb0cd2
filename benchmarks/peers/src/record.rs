//! What tower-sessions keeps of a session.

use harness::{Values, mixed};
use time::{Duration, OffsetDateTime};
use tower_sessions::session::{Id, Record};

/// Returns the id of a place.
pub(crate) fn id(place: usize) -> Id {
    Id(i128::from_be_bytes(mixed(place)))
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
