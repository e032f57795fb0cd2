//! The folder that the store was opened on.

use std::{
    collections::BTreeSet,
    fs::File,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{self, CWD, Mode, OFlags, Stat},
    io::Errno,
    process::geteuid,
};
use session_core::{Error, Result};

use crate::{
    fault::{self, Refusal},
    folder::Folder,
    layout::Shard,
};

/// Folders are closed to everybody else.
pub(crate) const FOLDER_MODE: Mode = Mode::RWXU;

/// Opens a folder and nothing else.
pub(crate) const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// The folder that the store was opened on, held open so that it cannot be exchanged unnoticed.
#[derive(Debug)]
pub(crate) struct Root {
    path: PathBuf,
    folder: File,
    identity: (u64, u64),
    user: u32,
}

impl Root {
    /// Opens the folder at `path`, creating it when it is missing; its parent must be there.
    ///
    /// A link to a folder is followed here and nowhere else: administrators put folders elsewhere that way, and
    /// what it leads to has to be ours.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let action = "open its folder";
        let path = std::path::absolute(path).map_err(|cause| fault::not_applied(action, cause))?;
        let created = create(&path)?;
        let folder =
            fs::open(&path, FOLDER, Mode::empty()).map_err(|cause| fault::not_applied(action, cause))?;
        let stat = fs::fstat(&folder).map_err(|cause| fault::not_applied(action, cause))?;
        let user = geteuid().as_raw();
        check(&stat, user).map_err(|refusal| fault::not_applied("accept its folder", refusal))?;
        match sync_parent(&path) {
            // A folder that was there may lie under a parent that we may not read.
            Err(cause) if created => return Err(cause),
            _ => {}
        }
        Ok(Self { path, folder: folder.into(), identity: identity(&stat), user })
    }

    /// Returns which of the 256 folders are there, and refuses any that is not ours.
    pub(crate) fn shards(&self) -> Result<BTreeSet<Shard>> {
        let mut shards = BTreeSet::new();
        for shard in Shard::all() {
            shards.extend(Folder::open(self, shard)?.map(|folder| folder.shard()));
        }
        Ok(shards)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn folder(&self) -> &File {
        &self.folder
    }

    /// Judges whether a folder in this one is ours, and on the same medium, which is synced as one.
    pub(crate) fn check(&self, stat: &Stat) -> Result<(), Refusal> {
        let (medium, _) = self.identity;
        if stat.st_dev == medium { check(stat, self.user) } else { Err(Refusal::Mounted) }
    }

    /// Returns whether something belongs to our user and is closed to all others.
    pub(crate) fn is_private(&self, stat: &Stat) -> bool {
        check(stat, self.user).is_ok()
    }

    /// Returns an error when the folder was removed or replaced, or is not mounted any more.
    ///
    /// Without this a store whose folder was moved away would call every session absent.
    pub(crate) fn still_there(&self) -> Result<()> {
        match fs::stat(&self.path) {
            Ok(stat) if identity(&stat) == self.identity => Ok(()),
            Ok(_) | Err(Errno::NOENT | Errno::NOTDIR) => {
                Err(fault::not_applied("find its folder", Refusal::Gone))
            }
            Err(cause) => Err(fault::not_applied("find its folder", cause)),
        }
    }
}

/// Judges whether a folder belongs to `user`, ours, and is closed to all others.
fn check(stat: &Stat, user: u32) -> Result<(), Refusal> {
    if stat.st_uid != user {
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

/// Creates the folder if it is missing, and returns whether it did.
fn create(path: &Path) -> Result<bool> {
    match fs::mkdir(path, FOLDER_MODE) {
        // The umask may have taken bits away that we need ourselves.
        Ok(()) => fs::chmodat(CWD, path, FOLDER_MODE, fs::AtFlags::empty())
            .map(|()| true)
            .map_err(|cause| fault::not_applied("close its folder to others", cause)),
        Err(Errno::EXIST) => Ok(false),
        // A medium that cannot be written to may hold the folder all the same.
        Err(_) if path.is_dir() => Ok(false),
        Err(cause) => Err(fault::not_applied("create its folder, whose parent must be there", cause)),
    }
}

/// Makes the folder's own name outlive a loss of power.
fn sync_parent(path: &Path) -> Result<()> {
    let action = "sync the parent of its folder";
    let parent = path.parent().ok_or_else(|| nameless(action))?;
    File::open(parent).and_then(|parent| parent.sync_all()).map_err(|cause| fault::not_applied(action, cause))
}

fn nameless(action: &'static str) -> Error {
    fault::not_applied(action, Refusal::Nameless)
}
