//! Files and folders that are closed to others, whatever the umask of the process.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

/// Returns how a file is opened that may have to be made.
pub(super) fn options() -> OpenOptions {
    let mut options = File::options();
    options.write(true).mode(0o600);
    options
}

/// Makes a file, which must not be there.
pub(super) fn new_file(path: &Path) -> io::Result<File> {
    options().create_new(true).open(path)
}

/// Makes a folder, which must not be there.
pub(super) fn new_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}
