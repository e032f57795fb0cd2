//! The bytes of a record in the file.
//!
//! All numbers are little-endian. The checksum is a CRC-32C that begins with the key, so that a record under another key
//! is refused.
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 4 | the checksum of the key and of everything that follows |
//! | 4 | 8 | the revision |
//! | 12 | 8 | when the session was last used, in milliseconds since 1970 |
//! | 20 | 8 | when it expires, likewise |
//! | 28 | 1 | the length of the owner, 0 for none |
//! | 29 | | the owner |
//! | | | the data |

use bytes::Bytes;
use crc_fast::{CrcAlgorithm, Digest};
use session_core::{Error, Key, Owner, Record, Result, Revision, Stored, Timestamp};

/// The most data that a record may have.
pub(crate) const DATA_BYTES_MAX: usize = 64 << 20;

/// The length of what lies before the owner.
const FIXED_BYTES: usize = 29;

/// Everything a record says but its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) revision: Revision,
    pub(crate) accessed_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) owner: Option<Owner>,
}

impl Head {
    pub(crate) fn of(record: &Record, revision: Revision) -> Self {
        let Record { accessed_at, expires_at, ref owner, .. } = *record;
        Self { revision, accessed_at, expires_at, owner: owner.clone() }
    }
}

/// Returns the bytes that keep `record`.
pub(crate) fn encode(key: &Key, record: &Record, revision: Revision) -> Result<Vec<u8>> {
    let owner = record.owner.as_ref().map_or("", Owner::as_str);
    let (size, max) = (record.data.len(), DATA_BYTES_MAX);
    if size > max {
        return Err(Error::TooLarge { size, max });
    }
    let mut bytes = Vec::with_capacity(FIXED_BYTES + owner.len() + size);
    bytes.extend([0; 4]);
    bytes.extend(revision.as_i64().to_le_bytes());
    bytes.extend(record.accessed_at.as_millis().to_le_bytes());
    bytes.extend(record.expires_at.as_millis().to_le_bytes());
    bytes.push(u8::try_from(owner.len()).expect("an owner has at most 255 bytes"));
    bytes.extend(owner.as_bytes());
    bytes.extend(&record.data);
    if let Some((sum, summed)) = bytes.split_first_chunk_mut::<4>() {
        *sum = checksum(key, summed);
    }
    Ok(bytes)
}

/// Returns the record that these bytes keep.
pub(crate) fn decode(key: &Key, bytes: &[u8]) -> Result<Stored> {
    let (head, data) = split(key, bytes)?;
    let Head { revision, accessed_at, expires_at, owner } = head;
    Ok(Stored {
        record: Record { data: Bytes::copy_from_slice(data), accessed_at, expires_at, owner },
        revision,
    })
}

/// Returns what these bytes say but the data, which is checked all the same.
pub(crate) fn decode_head(key: &Key, bytes: &[u8]) -> Result<Head> {
    split(key, bytes).map(|(head, _)| head)
}

fn split<'a>(key: &Key, bytes: &'a [u8]) -> Result<(Head, &'a [u8])> {
    let cut_short = || Error::Corrupt("it is cut short");
    let (sum, summed) = bytes.split_first_chunk::<4>().ok_or_else(cut_short)?;
    if checksum(key, summed) != *sum {
        return Err(Error::Corrupt("it does not match its checksum"));
    }
    let (numbers, rest) = summed.split_first_chunk::<24>().ok_or_else(cut_short)?;
    let (numbers, _) = numbers.as_chunks::<8>();
    let [revision, accessed_at, expires_at] = numbers else { return Err(cut_short()) };
    let (owner_bytes, rest) = rest.split_first().ok_or_else(cut_short)?;
    let (owner, data) = rest.split_at_checked(usize::from(*owner_bytes)).ok_or_else(cut_short)?;
    let head = Head {
        revision: Revision::from_i64(i64::from_le_bytes(*revision))?,
        accessed_at: timestamp(*accessed_at)?,
        expires_at: timestamp(*expires_at)?,
        owner: parse_owner(owner)?,
    };
    Ok((head, data))
}

fn checksum(key: &Key, bytes: &[u8]) -> [u8; 4] {
    let mut sum = Digest::new(CrcAlgorithm::Crc32Iscsi);
    sum.update(key.as_bytes());
    sum.update(bytes);
    let [a, b, c, d, ..] = sum.finalize().to_le_bytes();
    [a, b, c, d]
}

fn timestamp(millis: [u8; 8]) -> Result<Timestamp> {
    let millis = i64::from_le_bytes(millis);
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

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key::from_bytes([7; 16]);

    fn stored() -> Stored {
        let at = Timestamp::from_millis;
        let owner = Some(Owner::new("ann").unwrap());
        let record = Record { data: "hello".into(), accessed_at: at(3), expires_at: at(9), owner };
        Stored { record, revision: Revision::from_i64(258).unwrap() }
    }

    fn bytes() -> Vec<u8> {
        encode(&KEY, &stored().record, stored().revision).unwrap()
    }

    #[test]
    fn the_bytes_of_a_record_never_change() {
        let hex: String = bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "63c1f46302010000000000000300000000000000090000000000000003616e6e68656c6c6f");
        assert_eq!(decode(&KEY, &bytes()).unwrap(), stored());
        assert_eq!(decode_head(&KEY, &bytes()).unwrap(), Head::of(&stored().record, stored().revision));
    }

    #[test]
    fn every_truncation_and_every_flipped_bit_is_refused() {
        let good = bytes();
        for length in 0..good.len() {
            assert!(matches!(decode(&KEY, &good[..length]), Err(Error::Corrupt(_))), "{length}");
        }
        for bit in 0..8 * good.len() {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(decode(&KEY, &bad), Err(Error::Corrupt(_))), "{bit}");
        }
    }

    #[test]
    fn a_record_under_another_key_is_refused() {
        assert!(matches!(decode(&Key::from_bytes([8; 16]), &bytes()), Err(Error::Corrupt(_))));
    }

    #[test]
    fn a_length_or_number_that_no_writer_gives_is_refused_behind_a_right_checksum() {
        let at = |offset: usize, value: u8| {
            let mut bytes = bytes();
            bytes[offset] = value;
            let sum = checksum(&KEY, &bytes[4..]);
            bytes[..4].copy_from_slice(&sum);
            decode(&KEY, &bytes)
        };
        for (offset, value) in [(11, 0x80), (19, 0x80), (27, 0x80), (28, 255), (29, 0xff)] {
            assert!(matches!(at(offset, value), Err(Error::Corrupt(_))), "{offset}");
        }
    }

    #[test]
    fn data_above_the_limit_is_refused_before_anything_is_allocated() {
        let record = Record { data: vec![0; DATA_BYTES_MAX + 1].into(), ..stored().record };
        let refused = encode(&KEY, &record, stored().revision);
        assert!(matches!(refused, Err(Error::TooLarge { max: DATA_BYTES_MAX, .. })));
    }
}
