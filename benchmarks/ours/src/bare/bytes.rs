//! Values in MessagePack, of which one changes.

use std::collections::BTreeMap;

use harness::Values;

#[derive(Clone)]
pub(crate) struct Bytes {
    bytes: Vec<u8>,
    change_at: usize,
}

impl Bytes {
    pub(crate) fn of(values: &Values) -> Self {
        let values: BTreeMap<_, _> = values.pairs.iter().cloned().collect();
        let (bytes, text) = (rmp_serde::to_vec(&values).unwrap(), Values::change(0));
        let change_at = bytes.windows(text.len()).position(|part| part == text.as_bytes()).unwrap();
        Self { bytes, change_at }
    }

    /// Returns the bytes when the value that changes says `change`.
    pub(crate) fn change(&mut self, change: u64) -> Vec<u8> {
        let text = Values::change(change);
        self.bytes[self.change_at..][..text.len()].copy_from_slice(text.as_bytes());
        self.bytes.clone()
    }
}
