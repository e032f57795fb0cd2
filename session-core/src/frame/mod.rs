//! The frame: what the data of a record looks like.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | format version, 1 |
//! | 4 | CRC-32C over the key, the version and the payload, little-endian |
//! | rest | payload in postcard: the [`Facts`], then the [`Values`] |
//!
//! The key is in the checksum so that data copied to another session is refused. The checksum finds damage; it is
//! no signature.

mod content;
mod facts;
mod pairs;
mod stored;
mod values;
mod view;

use bytes::Bytes;

pub(crate) use self::{
    content::{Content, Loaded},
    facts::{Facts, SecretChange},
    values::Values,
    view::View,
};
use crate::{Error, Key, Result};

const VERSION: u8 = 1;
const HEADER_BYTES: usize = 5;

/// Returns the data of a record of the session called `key`.
pub(crate) fn encode(key: &Key, facts: &Facts, values: &Values) -> Bytes {
    let mut data = encoded(facts, |facts| {
        // Exactly as much as is needed: bytes with room behind them cost one allocation more.
        let mut data = Vec::with_capacity(HEADER_BYTES + facts.len() + values.as_bytes().len());
        data.extend_from_slice(&[VERSION, 0, 0, 0, 0]);
        data.extend_from_slice(facts);
        data.extend_from_slice(values.as_bytes());
        data
    });
    if let Some((header, payload)) = data.split_first_chunk_mut::<HEADER_BYTES>() {
        let [_, checksum @ ..] = header;
        *checksum = checksum_of(key, VERSION, payload).to_le_bytes();
    }
    data.into()
}

/// Returns how many bytes the data of a record with these contents has.
pub(crate) fn size(facts: &Facts, values: &Values) -> usize {
    HEADER_BYTES + encoded(facts, <[u8]>::len) + values.as_bytes().len()
}

/// Hands the facts in postcard to `read`: from the stack, unless a long label makes them too long for it.
fn encoded<T>(facts: &Facts, read: impl FnOnce(&[u8]) -> T) -> T {
    match postcard::to_slice(facts, &mut [0; 256]) {
        Ok(bytes) => read(bytes),
        Err(_) => read(&postcard::to_stdvec(facts).expect("facts serialise into memory")),
    }
}

/// Returns what `data` of the session called `key` holds.
///
/// The checksum is verified first, and then the whole structure, so that nothing read later can fail.
pub(crate) fn decode(key: &Key, data: &Bytes) -> Result<(Facts, Values)> {
    let Some((&[version, ref checksum @ ..], payload)) = data.split_first_chunk::<HEADER_BYTES>() else {
        return Err(Error::Corrupt("it is too short"));
    };
    if version != VERSION {
        return Err(Error::Corrupt("its format version is not known to this program"));
    }
    if checksum_of(key, version, payload) != u32::from_le_bytes(*checksum) {
        return Err(Error::Corrupt("its checksum does not match"));
    }
    let (facts, values) =
        postcard::take_from_bytes(payload).map_err(|_| Error::Corrupt("its facts do not parse"))?;
    Ok((facts, Values::open(data.slice_ref(values))?))
}

fn checksum_of(key: &Key, version: u8, payload: &[u8]) -> u32 {
    // In one piece, because each call costs more than these few bytes do.
    let mut head = [version; Key::BYTES + 1];
    if let Some(start) = head.first_chunk_mut() {
        *start = *key.as_bytes();
    }
    crc32c::crc32c_append(crc32c::crc32c(&head), payload)
}

#[cfg(test)]
mod tests;
