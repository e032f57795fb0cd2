//! The file that the store was opened on.

use std::{
    fs::{self, File},
    os::fd::{AsRawFd, OwnedFd},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use redb::backends::FileBackend;
use rustix::{
    fs::{
        Advice, AtFlags, CWD, FileType, Mode, OFlags, Stat, StatxFlags, fadvise, fchmod, fstat, fsync,
        linkat, makedev, open, stat, statx,
    },
    io::Errno,
    process::geteuid,
};
use session_core::{Error, Result};

use crate::{
    fault::{self, Refusal},
    medium::{Medium, Opened},
    seal::{Sealed, was_left_open},
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
            Some(stat) => {
                // Whoever created it may have been killed before its name was on the disk.
                anchor(&path)?;
                stat
            }
            None => create(&path)?,
        };
        Ok(Self { path, identity: identity(&stat), was_open: AtomicBool::new(false) })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Medium for OwnFile {
    fn open(&self) -> Result<Opened> {
        let flags = OFlags::RDWR | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = open(&self.path, flags, Mode::empty()).map_err(|cause| fault::not_applied(OPEN, cause))?;
        let stat = fstat(&file).map_err(|cause| fault::not_applied(OPEN, cause))?;
        check(&stat).map_err(|refusal| fault::not_applied("accept its file", refusal))?;
        if identity(&stat) != self.identity {
            return Err(fault::not_applied(OPEN, Refusal::Gone));
        }
        let file = File::from(file);
        let was_open = self.was_open.swap(true, Ordering::Relaxed);
        if was_open || was_left_open(&file) {
            forget(&file);
        }
        let again = || file.try_clone().map_err(|cause| fault::not_applied(OPEN, cause));
        // What failed while it was open is not believed because it could be closed after that.
        let seal = if was_open { None } else { Some(again()?) };
        let backend = FileBackend::new(again()?).map_err(fault::failed_to(OPEN))?;
        Ok(Opened { backend: Box::new(Sealed::new(file, backend)), seal })
    }

    fn still_there(&self) -> Result<()> {
        // This goes before every commit. Linux gives a file whose times somebody asked for a finer time with its next change, which
        // the next sync then waits for; so they are not asked for here.
        let found = match statx(CWD, &self.path, AtFlags::empty(), StatxFlags::INO) {
            Ok(found) => Some((makedev(found.stx_dev_major, found.stx_dev_minor), found.stx_ino)),
            Err(Errno::NOENT) => None,
            // Old systems do not know this call, and some containers forbid it.
            Err(_) => look(&self.path)?.as_ref().map(identity),
        };
        match found == Some(self.identity) {
            true => Ok(()),
            false => Err(fault::not_applied("find its file", Refusal::Gone)),
        }
    }
}

/// Has the operating system forget what it remembers of the file, so that what is read is what the disk has.
///
/// After a failed sync it goes on showing bytes that were never written, also to the next process, and says that they need no
/// syncing. Whatever of them the next commit builds on would be lost with the power.
fn forget(file: &File) {
    // Only what needs no writing is forgotten. What cannot be written now is no loss: nobody was told that it was kept.
    let _ = file.sync_data();
    let _ = fadvise(file, 0, None, Advice::DontNeed);
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

const CREATE: &str = "create its file, whose folder must be there";

/// Creates the file without a name and gives it its own when it is whole: a crash never leaves half of one.
fn create(path: &Path) -> Result<Stat> {
    let folder = path.parent().ok_or_else(|| fault::not_applied(CREATE, Refusal::Nameless))?;
    match open(folder, OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC, PRIVATE) {
        Ok(file) => {
            make(&file)?;
            give_name(&file, path)?;
        }
        // Some file systems know no file without a name.
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => create_by_draft(path)?,
        Err(cause) => return Err(fault::not_applied(CREATE, cause)),
    }
    sync_folder(path)?;
    look(path)?.ok_or_else(|| fault::not_applied(CREATE, Refusal::Gone))
}

const PRIVATE: Mode = Mode::RUSR.union(Mode::WUSR);

/// Makes an empty file of sessions, and puts it on the disk.
fn make(file: &OwnedFd) -> Result<()> {
    // The umask may have taken bits away that we need ourselves.
    fchmod(file, PRIVATE).map_err(|cause| fault::not_applied(CREATE, cause))?;
    let again = file.try_clone().map_err(|cause| fault::not_applied(CREATE, cause))?;
    shelf::make(FileBackend::new(again.into()).map_err(fault::failed_to(CREATE))?)?;
    fsync(file).map_err(|cause| fault::not_applied(CREATE, cause))
}

/// Gives a file without a name its own, unless somebody else was faster.
fn give_name(file: &OwnedFd, path: &Path) -> Result<()> {
    let shown = format!("/proc/self/fd/{}", file.as_raw_fd());
    match linkat(CWD, shown, CWD, path, AtFlags::SYMLINK_FOLLOW) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        // Nothing is mounted at /proc.
        Err(Errno::NOENT) => create_by_draft(path),
        Err(cause) => Err(fault::not_applied(CREATE, cause)),
    }
}

/// Creates the file under another name first. A crash leaves that one.
fn create_by_draft(path: &Path) -> Result<()> {
    let name = path.file_name().ok_or_else(|| fault::not_applied(CREATE, Refusal::Nameless))?;
    let random =
        getrandom::u64().map_err(|cause| fault::not_applied(CREATE, std::io::Error::other(cause)))?;
    let draft = path.with_file_name(format!("{}.{random:016x}.new", name.display()));
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let file = open(&draft, flags, PRIVATE).map_err(|cause| fault::not_applied(CREATE, cause))?;
    let made = make(&file).and_then(|()| match fs::hard_link(&draft, path) {
        // Somebody else was faster.
        Err(cause) if cause.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(fault::not_applied(CREATE, cause))
        }
        _ => Ok(()),
    });
    let _ = fs::remove_file(&draft);
    made
}

/// Makes the file's own name outlive a loss of power.
fn sync_folder(path: &Path) -> Result<(), Error> {
    let folder = path.parent().ok_or_else(|| fault::not_applied(SYNC_FOLDER, Refusal::Nameless))?;
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|cause| fault::not_applied(SYNC_FOLDER, cause))
}

/// The same for a file that was there, whose folder we may not be allowed to read.
fn anchor(path: &Path) -> Result<(), Error> {
    let folder = path.parent().ok_or_else(|| fault::not_applied(SYNC_FOLDER, Refusal::Nameless))?;
    match File::open(folder) {
        Err(cause) if cause.kind() == std::io::ErrorKind::PermissionDenied => Ok(()),
        _ => sync_folder(path),
    }
}

const SYNC_FOLDER: &str = "sync the folder of its file";
