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

mod coding;
mod content;
mod facts;
mod pairs;
mod stored;
mod values;
mod varint;
mod view;

use bytes::Bytes;
use crc_fast::CrcAlgorithm;

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
    let values = values.as_bytes();
    framed(key, facts, values.len(), |data| data.extend_from_slice(values)).into()
}

/// Returns the data of a record with the values that `view` shows, and those values, which lie in it.
pub(crate) fn encode_view(key: &Key, facts: &Facts, view: &View) -> (Bytes, Values) {
    let size = view.size();
    let data: Bytes = framed(key, facts, size.bytes, |data| view.write(&size, data)).into();
    let values = Values::written(data.slice(data.len() - size.bytes..));
    (data, values)
}

/// Writes a frame whose values have so many bytes.
fn framed(key: &Key, facts: &Facts, values_bytes: usize, values: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    // Exactly as much as is needed: bytes with room behind them cost one allocation more.
    let mut data = Vec::with_capacity(HEADER_BYTES + facts_bytes(facts) + values_bytes);
    data.extend_from_slice(&[VERSION, 0, 0, 0, 0]);
    coding::write(facts, &mut |bytes| data.extend_from_slice(bytes));
    values(&mut data);
    if let Some((header, payload)) = data.split_first_chunk_mut::<HEADER_BYTES>() {
        let [_, checksum @ ..] = header;
        *checksum = checksum_of(key, VERSION, payload);
    }
    data
}

/// Returns how many bytes the data of a record with these contents has.
pub(crate) fn size(facts: &Facts, values: &Values) -> usize {
    HEADER_BYTES + facts_bytes(facts) + values.as_bytes().len()
}

fn facts_bytes(facts: &Facts) -> usize {
    let mut len = 0;
    coding::write(facts, &mut |bytes| len += bytes.len());
    len
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
    if checksum_of(key, version, payload) != *checksum {
        return Err(Error::Corrupt("its checksum does not match"));
    }
    let mut values = payload;
    let facts = coding::read(&mut values).ok_or(Error::Corrupt("its facts do not parse"))?;
    Ok((facts, Values::open(data.slice_ref(values))?))
}

fn checksum_of(key: &Key, version: u8, payload: &[u8]) -> [u8; 4] {
    // In one piece, because each call costs more than these few bytes do.
    let mut head = [version; Key::BYTES + 1];
    if let Some(start) = head.first_chunk_mut() {
        *start = *key.as_bytes();
    }
    let mut sum = crc_fast::Digest::new(CrcAlgorithm::Crc32Iscsi);
    sum.update(&head);
    sum.update(payload);
    let [a, b, c, d, ..] = sum.finalize().to_le_bytes();
    [a, b, c, d]
}

#[cfg(test)]
mod tests;
