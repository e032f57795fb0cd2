//! The only place that calls fs2.

use std::{fs::File, io};

/// A lock on a whole file against every other process and every other opening of the file in this one.
///
/// It ends with the value, and with the process, however that ends.
#[derive(Debug)]
pub(crate) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock if it is free; never waits.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that locks files")]
    pub(crate) fn try_take(file: File) -> io::Result<Option<Self>> {
        match fs2::FileExt::try_lock_exclusive(&file) {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(cause) if cause.raw_os_error() == fs2::lock_contended_error().raw_os_error() => Ok(None),
            Err(cause) => Err(cause),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_openings_of_a_file_exclude_each_other_until_the_lock_is_dropped() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let first = FileLock::try_take(file.reopen().unwrap()).unwrap();
        assert!(first.is_some());
        assert!(FileLock::try_take(file.reopen().unwrap()).unwrap().is_none());
        drop(first);
        assert!(FileLock::try_take(file.reopen().unwrap()).unwrap().is_some());
    }
}
