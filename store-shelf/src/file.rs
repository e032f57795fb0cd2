//! The file that the store was opened on.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use redb::{StorageBackend, backends::FileBackend};
use rustix::{
    fs::{Advice, FileType, Mode, OFlags, Stat, fadvise, fchmod, fstat, open, stat},
    io::Errno,
    process::geteuid,
};
use session_core::{Error, Result};

use crate::{
    fault::{self, Refusal},
    medium::Medium,
    shelf,
};

const OPEN: &str = "open its file";

/// A plain file of our user that is closed to all others, known by its place on the disk.
#[derive(Debug)]
pub(crate) struct OwnFile {
    path: PathBuf,
    identity: (u64, u64),
    was_open: AtomicBool,
}

impl OwnFile {
    /// Finds the file at `path`, creating it when it is missing; the folder must be there.
    pub(crate) fn find(path: &Path) -> Result<Self> {
        let path = std::path::absolute(path).map_err(|cause| fault::not_applied(OPEN, cause))?;
        let stat = match look(&path)? {
            Some(stat) => stat,
            None => create(&path)?,
        };
        Ok(Self { path, identity: identity(&stat), was_open: AtomicBool::new(false) })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Medium for OwnFile {
    fn open(&self) -> Result<Box<dyn StorageBackend>> {
        let flags = OFlags::RDWR | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = open(&self.path, flags, Mode::empty()).map_err(|cause| fault::not_applied(OPEN, cause))?;
        let stat = fstat(&file).map_err(|cause| fault::not_applied(OPEN, cause))?;
        check(&stat).map_err(|refusal| fault::not_applied("accept its file", refusal))?;
        if identity(&stat) != self.identity {
            return Err(fault::not_applied(OPEN, Refusal::Gone));
        }
        if self.was_open.swap(true, Ordering::Relaxed) {
            // After a failed sync the operating system still shows bytes that are not on the disk.
            let _ = fadvise(&file, 0, None, Advice::DontNeed);
        }
        let backend = FileBackend::new(file.into()).map_err(fault::failed_to(OPEN))?;
        Ok(Box::new(backend))
    }

    fn still_there(&self) -> Result<()> {
        match look(&self.path)? {
            Some(stat) if identity(&stat) == self.identity => Ok(()),
            _ => Err(fault::not_applied("find its file", Refusal::Gone)),
        }
    }
}

fn look(path: &Path) -> Result<Option<Stat>> {
    match stat(path) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT) => Ok(None),
        Err(cause) => Err(fault::not_applied("find its file", cause)),
    }
}

fn check(stat: &Stat) -> Result<(), Refusal> {
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(Refusal::NotAFile);
    }
    if stat.st_uid != geteuid().as_raw() {
        return Err(Refusal::NotOurs);
    }
    if Mode::from_raw_mode(stat.st_mode).intersects(Mode::RWXG | Mode::RWXO) {
        return Err(Refusal::OpenToOthers);
    }
    Ok(())
}

fn identity(stat: &Stat) -> (u64, u64) {
    (stat.st_dev, stat.st_ino)
}

/// Creates the file under another name and gives it its own when it is whole: a crash never leaves half of one.
fn create(path: &Path) -> Result<Stat> {
    let action = "create its file, whose folder must be there";
    let name = path.file_name().ok_or_else(|| fault::not_applied(action, Refusal::Nameless))?;
    let random =
        getrandom::u64().map_err(|cause| fault::not_applied(action, std::io::Error::other(cause)))?;
    let draft = path.with_file_name(format!("{}.{random:016x}.new", name.display()));
    let made = make(&draft).and_then(|()| match fs::hard_link(&draft, path) {
        // Somebody else was faster.
        Err(cause) if cause.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(fault::not_applied(action, cause))
        }
        _ => Ok(()),
    });
    let _ = fs::remove_file(&draft);
    made.and_then(|()| sync_folder(path))?;
    look(path)?.ok_or_else(|| fault::not_applied(action, Refusal::Gone))
}

fn make(draft: &Path) -> Result<()> {
    let action = "create its file, whose folder must be there";
    let failed = |cause| fault::not_applied(action, cause);
    let (flags, mode) =
        (OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR);
    let file = open(draft, flags, mode).map_err(failed)?;
    // The umask may have taken bits away that we need ourselves.
    fchmod(&file, mode).map_err(failed)?;
    let file = File::from(file);
    let again = file.try_clone().map_err(|cause| fault::not_applied(action, cause))?;
    shelf::make(FileBackend::new(again).map_err(fault::failed_to(action))?)?;
    file.sync_all().map_err(|cause| fault::not_applied(action, cause))
}

/// Makes the file's own name outlive a loss of power.
fn sync_folder(path: &Path) -> Result<(), Error> {
    let action = "sync the folder of its file";
    let folder = path.parent().ok_or_else(|| fault::not_applied(action, Refusal::Nameless))?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|cause| fault::not_applied(action, cause))
}
