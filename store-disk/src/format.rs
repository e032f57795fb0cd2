//! The bytes of a record file.
//!
//! All numbers are little-endian. A checksum is a CRC-32C that begins with the key, so that a record that was copied
//! over another one is refused.
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 4 | `WSES` |
//! | 4 | 2 | the version of this format: 1 |
//! | 6 | 2 | the length of the owner, 0 for none, at most 255 |
//! | 8 | 8 | the revision |
//! | 16 | 8 | when the session was last used, in milliseconds since 1970 |
//! | 24 | 8 | when it expires, likewise |
//! | 32 | 8 | the length of the data |
//! | 40 | 4 | the checksum of the key, the bytes before, and the owner |
//! | 44 | 4 | the checksum of the key, the checksum before, and the data |
//! | 48 | | the owner |
//! | | | the data, up to the end of the file |

use crc_fast::{CrcAlgorithm, Digest};
use session_core::{Error, Key, Owner, Record, Result, Revision, Timestamp};

const MAGIC: [u8; 4] = *b"WSES";
const VERSION: u16 = 1;

/// The length of what lies before the owner.
const FIXED_BYTES: usize = 48;

/// The longest head there is: enough to read of a file to know everything but its data.
pub(crate) const HEAD_BYTES_MAX: usize = FIXED_BYTES + Owner::MAX_BYTES;

/// The most data that a record may have. A longer file is not read at all.
pub(crate) const DATA_BYTES_MAX: usize = 64 << 20;

/// What a reader says of a format it does not know yet; such a record is never set aside.
pub(crate) const NEWER: &str = "it was written by a newer version of store-disk, use that one";

/// Everything a record file says but its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) revision: Revision,
    pub(crate) accessed_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) owner: Option<Owner>,
    pub(crate) data_bytes: usize,
    head_sum: [u8; 4],
    data_sum: [u8; 4],
}

/// Returns the file that keeps `record`.
pub(crate) fn encode(key: &Key, record: &Record, revision: Revision) -> Result<Vec<u8>> {
    let owner = record.owner.as_ref().map_or(&[][..], |owner| owner.as_str().as_bytes());
    let (size, max) = (record.data.len(), DATA_BYTES_MAX);
    if size > max {
        return Err(Error::TooLarge { size, max });
    }
    let owner_bytes = u16::try_from(owner.len()).expect("an owner has at most 255 bytes");
    let mut file = Vec::with_capacity(FIXED_BYTES + owner.len() + size);
    file.extend(MAGIC);
    file.extend(VERSION.to_le_bytes());
    file.extend(owner_bytes.to_le_bytes());
    file.extend(revision.as_i64().to_le_bytes());
    file.extend(record.accessed_at.as_millis().to_le_bytes());
    file.extend(record.expires_at.as_millis().to_le_bytes());
    file.extend((size as u64).to_le_bytes());
    let head_sum = checksum(key, &file, owner);
    file.extend(head_sum);
    file.extend(checksum(key, &head_sum, &record.data));
    file.extend(owner);
    file.extend(&record.data);
    Ok(file)
}

impl Head {
    /// Reads the head of a file of `file_bytes` from its first [`HEAD_BYTES_MAX`] bytes, or as many as it has.
    ///
    /// Lengths are checked against the size of the file before anybody allocates what they say.
    pub(crate) fn decode(key: &Key, start: &[u8], file_bytes: u64) -> Result<Self> {
        let (fixed, rest) =
            start.split_first_chunk::<FIXED_BYTES>().ok_or(Error::Corrupt("it is cut short"))?;
        let mut fields = Fields(fixed);
        if fields.take() != MAGIC {
            return Err(Error::Corrupt("it is no record of a session"));
        }
        match u16::from_le_bytes(fields.take()) {
            VERSION => {}
            0 => return Err(Error::Corrupt("its version is zero")),
            _ => return Err(Error::Corrupt(NEWER)),
        }
        let owner_bytes = usize::from(u16::from_le_bytes(fields.take()));
        let [revision, accessed_at, expires_at, data_bytes] =
            std::array::from_fn(|_| i64::from_le_bytes(fields.take()));
        let (head_sum, data_sum) = (fields.take(), fields.take());
        let owner = rest.get(..owner_bytes).ok_or(Error::Corrupt("its owner is cut short or too long"))?;
        let (summed, _) = fixed.split_at(FIXED_BYTES - 8);
        if checksum(key, summed, owner) != head_sum {
            return Err(Error::Corrupt("its head does not match its checksum"));
        }
        Ok(Self {
            revision: Revision::from_i64(revision)?,
            accessed_at: timestamp(accessed_at)?,
            expires_at: timestamp(expires_at)?,
            owner: parse_owner(owner)?,
            data_bytes: judge_length(data_bytes, owner_bytes, file_bytes)?,
            head_sum,
            data_sum,
        })
    }

    /// Returns where the data begins in the file.
    pub(crate) fn data_offset(&self) -> usize {
        FIXED_BYTES + self.owner.as_ref().map_or(0, |owner| owner.as_str().len())
    }

    /// Refuses `data` that is not what was written together with this head.
    pub(crate) fn verify(&self, key: &Key, data: &[u8]) -> Result<()> {
        if checksum(key, &self.head_sum, data) == self.data_sum {
            Ok(())
        } else {
            Err(Error::Corrupt("its data does not match its checksum"))
        }
    }
}

/// The fields that were not read yet.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (field, rest) = self.0.split_first_chunk().expect("the fields are as long as the fixed part");
        self.0 = rest;
        *field
    }
}

fn checksum(key: &Key, head: &[u8], tail: &[u8]) -> [u8; 4] {
    let mut sum = Digest::new(CrcAlgorithm::Crc32Iscsi);
    sum.update(key.as_bytes());
    sum.update(head);
    sum.update(tail);
    let [a, b, c, d, ..] = sum.finalize().to_le_bytes();
    [a, b, c, d]
}

fn timestamp(millis: i64) -> Result<Timestamp> {
    if millis < 0 {
        return Err(Error::Corrupt("one of its times is before 1970"));
    }
    Ok(Timestamp::from_millis(millis))
}

fn parse_owner(bytes: &[u8]) -> Result<Option<Owner>> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let owner = str::from_utf8(bytes).map_err(|_| Error::Corrupt("its owner is not UTF-8"))?;
    Owner::new(owner).map(Some).map_err(|_| Error::Corrupt("its owner is too long"))
}

/// Returns the length of the data if it is acceptable and what is left of the file.
fn judge_length(data_bytes: i64, owner_bytes: usize, file_bytes: u64) -> Result<usize> {
    let data_bytes = usize::try_from(data_bytes).map_err(|_| Error::Corrupt("its length is negative"))?;
    if data_bytes > DATA_BYTES_MAX {
        return Err(Error::Corrupt("its length is above all bounds"));
    }
    if (FIXED_BYTES + owner_bytes + data_bytes) as u64 != file_bytes {
        return Err(Error::Corrupt("its length is not the one it had when written"));
    }
    Ok(data_bytes)
}

#[cfg(test)]
mod tests;
