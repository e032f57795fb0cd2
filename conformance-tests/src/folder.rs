//! What is in a folder.

use std::{fs, io, path::Path, path::PathBuf};

use crate::outcome::{Outcome, Stop};

/// What is below a folder, at whatever depth.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) folders: Vec<PathBuf>,
    /// All that is no folder, links too.
    pub(crate) files: Vec<PathBuf>,
}

impl Contents {
    /// Returns both.
    pub(crate) fn into_all(self) -> impl Iterator<Item = PathBuf> {
        self.folders.into_iter().chain(self.files)
    }
}

/// Lists a folder. What somebody removes meanwhile is left out.
///
/// # Errors
///
/// [`Stop::Failed`] when it cannot be listed.
pub(crate) fn contents(folder: &Path) -> Outcome<Contents> {
    let mut contents = Contents::default();
    walk(folder, &mut contents)
        .map_err(|error| Stop::Failed(format!("the folder cannot be listed: {error}")))?;
    Ok(contents)
}

fn walk(folder: &Path, contents: &mut Contents) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, Some(kind)) = (entry.path(), unless_gone(entry.file_type())?) else { continue };
        if !kind.is_dir() {
            contents.files.push(path);
        } else if unless_gone(walk(&path, contents))?.is_some() {
            contents.folders.push(path);
        }
    }
    Ok(())
}

fn unless_gone<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}
