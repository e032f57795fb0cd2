//! Where the bytes of the file are.

use std::{fmt::Debug, fs::File};

use redb::StorageBackend;
use session_core::Result;

/// Where the bytes of the file are: a file, or what a test puts in its place.
pub(crate) trait Medium: Debug + Send + Sync + 'static {
    /// Opens it, for the first time or once more after it failed.
    fn open(&self) -> Result<Opened>;

    /// Returns an error when it was removed or replaced, so that what is written to it would be lost.
    fn still_there(&self) -> Result<()>;
}

/// An open file.
pub(crate) struct Opened {
    pub(crate) backend: Box<dyn StorageBackend>,
    /// Where it may have a seal, to be looked at once it is locked.
    pub(crate) seal: Option<File>,
}
