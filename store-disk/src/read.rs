//! Reading a record, without a lock: a rename publishes whole files, so a reader sees the old one or the new one.

use std::{fs::File, io, os::unix::fs::FileExt};

use bytes::{Buf, Bytes};
use session_core::{Error, Key, Record, Result, Stored, Timestamp};

use crate::{
    fault,
    folder::Folder,
    format::{HEAD_BYTES_MAX, Head},
    layout::Shard,
    root::Root,
};

/// How much of a record is read before its head is known to be good: most records as a whole.
const START_BYTES: usize = 16 << 10;

/// Returns the live session under `key`, `None` when there is none.
pub(crate) fn load(root: &Root, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
    let Some(folder) = Folder::open(root, Shard::of(key))? else { return Ok(None) };
    match whole(&folder, key)? {
        Some(stored) => Ok(Some(stored).filter(|stored| stored.record.is_live(now))),
        None => root.still_there().map(|()| None),
    }
}

/// Returns the head of the record of `key`, `None` when there is no record.
pub(crate) fn head(folder: &Folder, key: &Key) -> Result<Option<Head>> {
    Ok(open(folder, key, HEAD_BYTES_MAX)?.map(|opened| opened.head))
}

/// Returns the record of `key`, live or dead, `None` when there is none.
pub(crate) fn whole(folder: &Folder, key: &Key) -> Result<Option<Stored>> {
    let Some(Opened { file, head, mut bytes }) = open(folder, key, START_BYTES)? else { return Ok(None) };
    let read = bytes.len();
    bytes.resize(head.data_offset() + head.data_bytes, 0);
    let (_, rest) = bytes.split_at_mut(read);
    file.read_exact_at(rest, read as u64).map_err(broken)?;
    stored(key, head, bytes).map(Some)
}

/// Returns the record of `key` that the whole file `bytes` keeps.
pub(crate) fn decode(key: &Key, bytes: Vec<u8>) -> Result<Stored> {
    stored(key, Head::decode(key, &bytes, bytes.len() as u64)?, bytes)
}

fn stored(key: &Key, head: Head, bytes: Vec<u8>) -> Result<Stored> {
    let mut data = Bytes::from(bytes);
    data.advance(head.data_offset());
    head.verify(key, &data)?;
    let Head { revision, accessed_at, expires_at, owner, .. } = head;
    Ok(Stored { record: Record { data, accessed_at, expires_at, owner }, revision })
}

/// A record whose head is known to be good, and so its length.
struct Opened {
    file: File,
    head: Head,
    /// The first bytes of the file, never more than it has.
    bytes: Vec<u8>,
}

fn open(folder: &Folder, key: &Key, start_bytes: usize) -> Result<Option<Opened>> {
    let Some((file, stat)) = folder.read(key)? else { return Ok(None) };
    let file_bytes = u64::try_from(stat.st_size).map_err(|_| Error::Corrupt("its size is negative"))?;
    let mut bytes = vec![0; usize::try_from(file_bytes).map_or(start_bytes, |size| size.min(start_bytes))];
    file.read_exact_at(&mut bytes, 0).map_err(broken)?;
    let head = Head::decode(key, &bytes, file_bytes)?;
    Ok(Some(Opened { file, head, bytes }))
}

fn broken(cause: io::Error) -> Error {
    match cause.kind() {
        io::ErrorKind::UnexpectedEof => Error::Corrupt("it is cut short"),
        _ => fault::not_applied("read a record", cause),
    }
}
