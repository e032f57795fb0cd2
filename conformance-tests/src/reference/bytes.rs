//! Records as bytes, for cases that damage them.

use bytes::Bytes;
use session_core::{Key, Owner, Record, Revision, Stored, Timestamp};

use crate::reference::Sessions;

impl Sessions {
    /// Returns the bytes under `key` as a medium would keep them: a checksum, three numbers, the owner, the data.
    pub(crate) fn bytes(&self, key: &Key) -> Option<Vec<u8>> {
        match self.map.get(key) {
            Some(stored) => Some(encode(key, stored)),
            None => self.damaged.get(key).cloned(),
        }
    }

    /// Puts bytes under `key`: a record when they are one, damage otherwise.
    pub(crate) fn overwrite(&mut self, key: &Key, bytes: &[u8]) {
        self.delete(key);
        match decode(key, bytes) {
            Some(stored) => drop(self.map.insert(*key, stored)),
            None => drop(self.damaged.insert(*key, bytes.to_vec())),
        }
    }
}

/// Returns a record as bytes.
pub(crate) fn encode(key: &Key, stored: &Stored) -> Vec<u8> {
    let Record { data, accessed_at, expires_at, owner } = &stored.record;
    let owner = owner.as_ref().map_or("", Owner::as_str);
    let mut body = Vec::new();
    for number in [stored.revision.as_i64(), accessed_at.as_millis(), expires_at.as_millis()] {
        body.extend(number.to_be_bytes());
    }
    body.push(u8::try_from(owner.len()).unwrap_or_default());
    body.extend(owner.as_bytes());
    body.extend(data);
    [&checksum(key, &body).to_be_bytes()[..], &body].concat()
}

/// Returns the record, or nothing when anything is wrong with the bytes.
pub(crate) fn decode(key: &Key, bytes: &[u8]) -> Option<Stored> {
    let (sum, body) = bytes.split_first_chunk::<8>()?;
    if u64::from_be_bytes(*sum) != checksum(key, body) {
        return None;
    }
    decode_body(body)
}

/// Returns the record in bytes whose checksum nobody looked at.
pub(crate) fn decode_body(body: &[u8]) -> Option<Stored> {
    let (revision, rest) = body.split_first_chunk::<8>()?;
    let (accessed_at, rest) = rest.split_first_chunk::<8>()?;
    let (expires_at, rest) = rest.split_first_chunk::<8>()?;
    let (owner_len, rest) = rest.split_first()?;
    let (owner, data) = rest.split_at_checked(usize::from(*owner_len))?;
    let time = |bytes: &[u8; 8]| Timestamp::from_millis(i64::from_be_bytes(*bytes));
    let record = Record {
        data: Bytes::copy_from_slice(data),
        accessed_at: time(accessed_at),
        expires_at: time(expires_at),
        owner: Owner::new(std::str::from_utf8(owner).ok()?).ok(),
    };
    Some(Stored { record, revision: Revision::from_i64(i64::from_be_bytes(*revision)).ok()? })
}

/// FNV-1a over the key and the body.
fn checksum(key: &Key, body: &[u8]) -> u64 {
    let mix = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    key.as_bytes().iter().chain(body).fold(0xcbf2_9ce4_8422_2325, mix)
}
