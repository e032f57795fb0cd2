//! One of the 256 folders, and how files in it are opened, listed and deleted.

use std::fs::File;

use rustix::{
    fs::{self, AtFlags, Dir, FileType, Mode, OFlags, Stat},
    io::Errno,
};
use session_core::{Key, Result};

use crate::{
    fault::{self, Refusal},
    layout::{self, Entry, Shard},
    root::{self, Root},
};

/// Files are closed to everybody else.
pub(crate) const PRIVATE: Mode = Mode::RUSR.union(Mode::WUSR);

/// Never follow a planted link, never wait for the other end of a planted pipe.
pub(crate) const CAREFUL: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);

/// One of the 256 folders, held open.
#[derive(Debug)]
pub(crate) struct Folder {
    shard: Shard,
    handle: File,
}

impl Folder {
    /// Opens the folder, `None` when it is not there.
    pub(crate) fn open(root: &Root, shard: Shard) -> Result<Option<Self>> {
        let action = "open one of its folders";
        match fs::openat(root.folder(), shard.folder(), root::FOLDER | OFlags::NOFOLLOW, Mode::empty()) {
            Ok(handle) => {
                let stat = fs::fstat(&handle).map_err(|cause| fault::not_applied(action, cause))?;
                root.check(&stat)
                    .map_err(|refusal| fault::not_applied("accept one of its folders", refusal))?;
                Ok(Some(Self { shard, handle: handle.into() }))
            }
            Err(Errno::NOENT) => root.still_there().map(|()| None),
            Err(cause) => Err(fault::not_applied(action, cause)),
        }
    }

    /// Opens the folder, creating it when it is not there.
    pub(crate) fn create(root: &Root, shard: Shard) -> Result<Self> {
        if let Some(folder) = Self::open(root, shard)? {
            return Ok(folder);
        }
        let (action, name) = ("create one of its folders", shard.folder());
        match fs::mkdirat(root.folder(), &name, root::FOLDER_MODE) {
            Ok(()) => fs::chmodat(root.folder(), &name, root::FOLDER_MODE, AtFlags::empty())
                .map_err(|cause| fault::not_applied(action, cause))?,
            // Another process was faster.
            Err(Errno::EXIST) => {}
            Err(cause) => return Err(fault::not_applied(action, cause)),
        }
        Self::open(root, shard)?.ok_or_else(|| fault::not_applied(action, Refusal::Gone))
    }

    pub(crate) const fn shard(&self) -> Shard {
        self.shard
    }

    pub(crate) const fn handle(&self) -> &File {
        &self.handle
    }

    /// Opens the record of `key` for reading, `None` when it is not there.
    pub(crate) fn read(&self, key: &Key) -> Result<Option<(File, Stat)>> {
        let action = "open a record";
        match fs::openat(&self.handle, layout::record(key), OFlags::RDONLY | CAREFUL, Mode::empty()) {
            Ok(file) => {
                let stat = fs::fstat(&file).map_err(|cause| fault::not_applied(action, cause))?;
                must_be_a_file(&stat).map_err(|refusal| fault::not_applied(action, refusal))?;
                Ok(Some((file.into(), stat)))
            }
            Err(Errno::NOENT) => Ok(None),
            Err(cause) => Err(fault::not_applied(action, cause)),
        }
    }

    /// Creates the new file `name`, which must not be there.
    pub(crate) fn stage(&self, name: &str) -> Result<File, Errno> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | CAREFUL;
        fs::openat(&self.handle, name, flags, PRIVATE).map(File::from)
    }

    /// Opens the lock file `name`, creating it when it is not there.
    pub(crate) fn lock_file(&self, name: &str) -> Result<File> {
        let action = "open a lock file";
        let flags = OFlags::RDONLY | CAREFUL;
        let opened = match fs::openat(&self.handle, name, flags, Mode::empty()) {
            Err(Errno::NOENT) => fs::openat(&self.handle, name, flags | OFlags::CREATE, PRIVATE)
                // The umask may have taken bits away that we need ourselves.
                .and_then(|file| fs::fchmod(&file, PRIVATE).map(|()| file)),
            opened => opened,
        };
        let file = opened.map_err(|cause| fault::not_applied(action, cause))?;
        let stat = fs::fstat(&file).map_err(|cause| fault::not_applied(action, cause))?;
        must_be_a_file(&stat).map_err(|refusal| fault::not_applied(action, refusal))?;
        Ok(file.into())
    }

    /// Renames a file in this folder over another.
    pub(crate) fn rename(&self, from: &str, to: &str) -> Result<(), Errno> {
        fs::renameat(&self.handle, from, &self.handle, to)
    }

    /// Deletes the plain file `name`, and returns whether it was there.
    pub(crate) fn unlink(&self, name: &str) -> Result<bool> {
        let action = "delete a file";
        let Some(stat) = self.stat(name)? else { return Ok(false) };
        must_be_a_file(&stat).map_err(|refusal| fault::not_applied(action, refusal))?;
        match fs::unlinkat(&self.handle, name, AtFlags::empty()) {
            Ok(()) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(cause) => Err(fault::not_applied(action, cause)),
        }
    }

    /// Returns what the system knows about `name` without opening it, `None` when it is not there.
    pub(crate) fn stat(&self, name: &str) -> Result<Option<Stat>> {
        match fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(cause) => Err(fault::not_applied("look at a file", cause)),
        }
    }

    /// Returns the names of our own files, in no order; a folder or a link is not ours, whatever its name.
    pub(crate) fn list(&self) -> Result<Vec<(String, Entry)>> {
        let failed = |cause| fault::not_applied("list one of its folders", cause);
        let mut entries = Vec::new();
        for entry in Dir::read_from(&self.handle).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            let Some(ours) = self.shard.parse(name) else { continue };
            if self.is_file(name, entry.file_type())? {
                entries.push((name.to_owned(), ours));
            }
        }
        Ok(entries)
    }

    /// Judges what was listed, asking again where the file system lists names alone.
    fn is_file(&self, name: &str, listed: FileType) -> Result<bool> {
        match listed {
            FileType::Unknown => Ok(self.stat(name)?.is_some_and(|stat| must_be_a_file(&stat).is_ok())),
            listed => Ok(listed == FileType::RegularFile),
        }
    }
}

/// Refuses what is not a plain file.
fn must_be_a_file(stat: &Stat) -> Result<(), Refusal> {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(()),
        _ => Err(Refusal::NotAFile),
    }
}
