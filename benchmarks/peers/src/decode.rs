//! Values from stored bytes: tower-sessions' SQL stores decode the whole record from MessagePack.

use harness::{Values, repeat};
use tower_sessions::session::Record;

use crate::record::record;

/// Measures decoding a record and its `first` value, or the `second` value of a record that was decoded before.
pub(crate) async fn run(which: &str, bytes: usize) {
    let values = Values::of(bytes);
    let (record, name) = (record(&values), values.middle());
    let stored = rmp_serde::to_vec(&record).unwrap();
    match which {
        "first" => repeat(async || value(&rmp_serde::from_slice(&stored).unwrap(), name)).await,
        "second" => repeat(async || value(&record, name)).await,
        other => panic!("there is no value called `{other}`"),
    }
}

/// Returns a value as `Session::get` does.
fn value(record: &Record, name: &str) -> String {
    serde_json::from_value(record.data.get(name).cloned().unwrap()).unwrap()
}
