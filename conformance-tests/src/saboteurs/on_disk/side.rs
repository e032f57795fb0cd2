//! Records that are in two files, or begin with their length.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use session_core::{Error, Result, Revision};

use super::{Flaw, files::failed, store::FileStore};

/// So many bytes are kept in the record itself.
const PAGE: usize = 4_096;

/// How a record begins that is kept in another file, whose name follows.
const ELSEWHERE: &[u8] = b"elsewhere:";

impl FileStore {
    /// Puts a large record into a file of its own, or its length in front, and returns what to write in its place.
    pub(super) fn put_aside(&self, shard: &Path, bytes: Vec<u8>) -> Result<Vec<u8>> {
        if self.flaw == Flaw::BelievesALength {
            let length = u32::try_from(bytes.len()).map_err(|_| Error::Full)?;
            return Ok([&length.to_be_bytes(), &*bytes].concat());
        }
        if self.flaw != Flaw::SyncsNoSideFiles || bytes.len() <= PAGE {
            return Ok(bytes);
        }
        let name = format!("{:x}.side", Revision::first()?.as_i64());
        fs::write(shard.join(&name), bytes).map_err(failed("put a record aside"))?;
        Ok([ELSEWHERE, name.as_bytes()].concat())
    }

    /// Reads the bytes of a record, wherever they are.
    pub(super) fn read_whole(&self, record: &Path) -> io::Result<Vec<u8>> {
        if self.flaw == Flaw::BelievesALength {
            return read_believing(record);
        }
        let bytes = fs::read(record)?;
        match bytes.strip_prefix(ELSEWHERE) {
            Some(name) => fs::read(record.with_file_name(String::from_utf8_lossy(name).as_ref())),
            None => Ok(bytes),
        }
    }
}

/// Reads as many bytes as the record says that it has.
fn read_believing(record: &Path) -> io::Result<Vec<u8>> {
    let (mut file, mut length) = (File::open(record)?, [0; 4]);
    file.read_exact(&mut length)?;
    let mut bytes = vec![0; u32::from_be_bytes(length) as usize];
    let count = file.read(&mut bytes)?;
    Ok(if count == bytes.len() { bytes } else { Vec::new() })
}
