//! Reading a record, without a lock: a rename publishes whole files, so a reader sees the old one or the new one.

use std::{fs::File, io, os::unix::fs::FileExt};

use bytes::Bytes;
use session_core::{Error, Key, Record, Result, Stored, Timestamp};

use crate::{
    fault,
    folder::Folder,
    format::{HEAD_BYTES_MAX, Head},
    layout::Shard,
    root::Root,
};

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
    Ok(open(folder, key)?.map(|(_, head)| head))
}

/// Returns the record of `key`, live or dead, `None` when there is none.
pub(crate) fn whole(folder: &Folder, key: &Key) -> Result<Option<Stored>> {
    let Some((file, head)) = open(folder, key)? else { return Ok(None) };
    let mut data = vec![0; head.data_bytes];
    file.read_exact_at(&mut data, head.data_offset()).map_err(broken)?;
    head.verify(key, &data)?;
    let Head { revision, accessed_at, expires_at, owner, .. } = head;
    let record = Record { data: Bytes::from(data), accessed_at, expires_at, owner };
    Ok(Some(Stored { record, revision }))
}

fn open(folder: &Folder, key: &Key) -> Result<Option<(File, Head)>> {
    let Some((file, stat)) = folder.read(key)? else { return Ok(None) };
    let file_bytes = u64::try_from(stat.st_size).map_err(|_| Error::Corrupt("its size is negative"))?;
    let mut start = [0; HEAD_BYTES_MAX];
    let (start, _) =
        start.split_at_mut(HEAD_BYTES_MAX.min(usize::try_from(file_bytes).unwrap_or(usize::MAX)));
    file.read_exact_at(start, 0).map_err(broken)?;
    let head = Head::decode(key, start, file_bytes)?;
    Ok(Some((file, head)))
}

fn broken(cause: io::Error) -> Error {
    match cause.kind() {
        io::ErrorKind::UnexpectedEof => Error::Corrupt("it is cut short"),
        _ => fault::not_applied("read a record", cause),
    }
}
