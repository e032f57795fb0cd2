//! What is found when the power comes back.

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
};

#[cfg(test)]
mod played;
#[cfg(test)]
mod tests;

use crate::{
    rng::Rng,
    trace::{
        Disk,
        disk::ABOVE,
        node::{FileChange, Id, Layers, Moment, NameChange, Names, Node},
    },
};

/// Which of the changes that were not synced reached the medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Luck {
    /// None of them.
    Nothing,
    /// All names, and no byte: what a file system does that writes down its folders first.
    Names,
    /// All bytes, and no name.
    Bytes,
    /// All of them: what a killed process leaves.
    Everything,
    /// Each for itself, as a seed decides; a write may have got half way, or have left zeros.
    Mixed(u64),
}

/// What is found when the power comes back: the files and folders below the folder above that of the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Image(BTreeMap<PathBuf, Option<Vec<u8>>>);

impl Image {
    pub(crate) fn of(disk: &Disk, luck: Luck) -> Self {
        let mut image = Self(BTreeMap::new());
        image.add(disk, luck, ABOVE, Path::new(""));
        image
    }

    fn add(&mut self, disk: &Disk, luck: Luck, id: Id, path: &Path) {
        match disk.nodes.get(id) {
            Some(Node::File(file)) => drop(self.0.insert(path.to_owned(), Some(luck.bytes(file)))),
            Some(Node::Folder(folder)) => {
                if id != ABOVE {
                    self.0.insert(path.to_owned(), None);
                }
                luck.names(folder).iter().for_each(|(name, id)| self.add(disk, luck, *id, &path.join(name)));
            }
            None => {}
        }
    }

    /// Puts it where a store of another namespace looks for it: what was `was` there is `folder` here.
    pub(crate) fn lay_out(&self, was: &Path, folder: &Path) -> io::Result<()> {
        let (was, above) = (was.file_name().unwrap_or_default(), folder.parent().unwrap_or(folder));
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        for (path, content) in &self.0 {
            let path = path.strip_prefix(was).map_or_else(|_| above.join(path), |below| folder.join(below));
            match content {
                None => create_folder(&path)?,
                Some(bytes) => write(&path, bytes)?,
            }
        }
        Ok(())
    }
}

/// Creates a folder that is closed to other users.
fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Creates a file that is closed to other users.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    io::Write::write_all(&mut options.write(true).create_new(true).open(path)?, bytes)
}

/// What becomes of one change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Lost,
    Kept,
    /// The first of the sectors were written.
    Torn,
    /// Room was made for it, which holds zeros.
    Zeros,
}

/// What a medium writes whole.
const SECTOR: usize = 512;

impl fmt::Display for Luck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("only what was synced is left"),
            Self::Names => f.write_str("all names are left, and the bytes that were synced"),
            Self::Bytes => f.write_str("all bytes are left, and the names that were synced"),
            Self::Everything => f.write_str("everything is left"),
            Self::Mixed(_) => f.write_str("some of what was not synced is left"),
        }
    }
}

impl Luck {
    fn names(self, folder: &Layers<Names, NameChange>) -> Names {
        folder.left(|moment, change| match self {
            Self::Nothing | Self::Bytes => None,
            Self::Names | Self::Everything => Some(change.clone()),
            // Both halves of a rename have one moment, and so one fate.
            Self::Mixed(seed) => (fate(seed, moment, 2) == Fate::Kept).then(|| change.clone()),
        })
    }

    fn bytes(self, file: &Layers<Vec<u8>, FileChange>) -> Vec<u8> {
        file.left(|moment, change| match self {
            Self::Nothing | Self::Names => None,
            Self::Bytes | Self::Everything => Some(change.clone()),
            Self::Mixed(seed) => befall(change, fate(seed, moment, 4), file.synced.len(), seed ^ moment),
        })
    }
}

fn fate(seed: u64, moment: Moment, kinds: u64) -> Fate {
    match Rng::of(seed, &moment.to_string()).below(kinds) {
        0 => Fate::Lost,
        1 => Fate::Kept,
        2 => Fate::Torn,
        _ => Fate::Zeros,
    }
}

/// Returns what a change comes to.
fn befall(change: &FileChange, fate: Fate, synced: usize, seed: u64) -> Option<FileChange> {
    let FileChange::Write(at, bytes) = change else { return (fate != Fate::Lost).then(|| change.clone()) };
    match fate {
        Fate::Lost => None,
        Fate::Kept => Some(change.clone()),
        Fate::Torn => {
            let sectors = (at % SECTOR + bytes.len()) / SECTOR;
            let whole = Rng::of(seed, "sectors").index(sectors + 1) * SECTOR;
            let len = whole.saturating_sub(at % SECTOR).min(bytes.len());
            Some(FileChange::Write(*at, bytes.iter().take(len).copied().collect()))
        }
        Fate::Zeros => {
            // What lay there before is only ever replaced by what was written.
            let old = synced.saturating_sub(*at).min(bytes.len());
            let zeros = vec![0; bytes.len() - old];
            Some(FileChange::Write(at + old, zeros))
        }
    }
}
