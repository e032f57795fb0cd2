//! From records to columns and back.

use base64::{Engine, engine::general_purpose::STANDARD};
use session_core::{Error, Key, Owner, Record, Result, Revision, Stored, Timestamp};

use crate::value::{Kind, Row, Value};

/// The most data that a record may have, so that its text fits into a packet of MariaDB's default size.
pub(crate) const DATA_BYTES_MAX: usize = 8 << 20;

/// What a record comes back as: key, data, accessed, expires, owner, revision.
pub(crate) const RECORD: &[Kind] = &[Kind::Text, Kind::Text, Kind::Int, Kind::Int, Kind::Bytes, Kind::Int];

/// What is given of a session of which only the key is asked for.
pub(crate) const KEY: &[Kind] = &[Kind::Text];

/// Expires and revision.
pub(crate) const LOOK: &[Kind] = &[Kind::Int, Kind::Int];

pub(crate) fn key(key: &Key) -> Value {
    Value::Text(key.to_string())
}

pub(crate) fn time(time: Timestamp) -> Value {
    Value::Int(time.as_millis())
}

pub(crate) fn revision(revision: Revision) -> Value {
    Value::Int(revision.as_i64())
}

pub(crate) fn owner(owner: &Owner) -> Value {
    Value::Bytes(Some(owner.as_str().into()))
}

/// Returns a number of rows as databases take it.
pub(crate) fn limit(limit: usize) -> Value {
    Value::Int(i64::try_from(limit).unwrap_or(i64::MAX))
}

/// Returns the data as text, or why they cannot be kept.
pub(crate) fn encode(record: &Record) -> Result<String> {
    let (size, max) = (record.data.len(), DATA_BYTES_MAX);
    if size > max { Err(Error::TooLarge { size, max }) } else { Ok(STANDARD.encode(&record.data)) }
}

/// Returns data, accessed (as `atime`), accessed, expires, owner and owned.
pub(crate) fn record(text: &str, record: &Record) -> [Value; 6] {
    [
        Value::Text(text.to_owned()),
        time(record.accessed_at),
        time(record.accessed_at),
        time(record.expires_at),
        record.owner.as_ref().map_or(Value::Bytes(None), owner),
        Value::Int(record.owner.is_some().into()),
    ]
}

/// Returns the record of a row and the text of its key.
pub(crate) fn decode(row: Row) -> Result<(String, Stored)> {
    let mut columns = Columns(row.into_iter());
    let (key, data) = (columns.text()?, columns.text()?);
    let (accessed_at, expires_at) = (columns.time()?, columns.time()?);
    let (owner, revision) = (columns.owner()?, Revision::from_i64(columns.int()?)?);
    let data = decode_data(&data)?;
    Ok((key, Stored { record: Record { data: data.into(), accessed_at, expires_at, owner }, revision }))
}

/// Returns when the session expires, and its revision.
pub(crate) fn decode_look(row: Row) -> Result<(Timestamp, Revision)> {
    let mut columns = Columns(row.into_iter());
    Ok((columns.time()?, Revision::from_i64(columns.int()?)?))
}

fn decode_data(text: &str) -> Result<Vec<u8>> {
    if text.len() > DATA_BYTES_MAX.div_ceil(3) * 4 {
        return Err(Error::Corrupt("its data are longer than any that were written"));
    }
    STANDARD.decode(text).map_err(|_| Error::Corrupt("its data are not base64"))
}

const ODD: Error = Error::Corrupt("one of its columns is NULL or of another type");

/// The columns of a row that were not read yet.
struct Columns(std::vec::IntoIter<Option<Value>>);

impl Columns {
    fn text(&mut self) -> Result<String> {
        match self.0.next() {
            Some(Some(Value::Text(text))) => Ok(text),
            _ => Err(ODD),
        }
    }

    fn int(&mut self) -> Result<i64> {
        match self.0.next() {
            Some(Some(Value::Int(number))) => Ok(number),
            _ => Err(ODD),
        }
    }

    fn time(&mut self) -> Result<Timestamp> {
        match self.int()? {
            ..0 => Err(Error::Corrupt("one of its times is before 1970")),
            millis => Ok(Timestamp::from_millis(millis)),
        }
    }

    fn owner(&mut self) -> Result<Option<Owner>> {
        let bytes = match self.0.next() {
            Some(None) => return Ok(None),
            Some(Some(Value::Bytes(Some(bytes)))) => bytes,
            _ => return Err(ODD),
        };
        let name = str::from_utf8(&bytes).map_err(|_| Error::Corrupt("its owner is not UTF-8"))?;
        Owner::new(name).map(Some).map_err(|_| Error::Corrupt("its owner is empty or too long"))
    }
}

/// Returns the key that a text names, as it was written: PostgreSQL fills it up with spaces.
pub(crate) fn parse_key(text: &str) -> Option<Key> {
    let text = text.trim_end_matches(' ');
    let mut bytes = [0; Key::BYTES];
    if text.len() != 2 * Key::BYTES || text.bytes().any(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    for (byte, place) in bytes.iter_mut().zip(0..) {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(Key::from_bytes(bytes))
}

/// Returns the text of the key of a row, which may be damaged otherwise.
pub(crate) fn key_of(row: &Row) -> Option<String> {
    match row.first() {
        Some(Some(Value::Text(text))) => Some(text.trim_end_matches(' ').to_owned()),
        _ => None,
    }
}
