//! From the operating system's errors to [`Error`].

use std::io;

use rustix::io::Errno;
use session_core::{Error, Outcome};

const STORE: &str = "store-disk";

/// Why something on the disk is not what this store made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("it belongs to another user: run the program as that user, or chown the folder")]
    NotOurs,
    #[error("other users may enter it: run chmod 700 on it and on the folders in it")]
    OpenToOthers,
    #[error("it is a link, a folder or a device, not a plain file: move it away")]
    NotAFile,
    #[error("something other than a folder is in its place: move it away")]
    NotAFolder,
    #[error("another file system is mounted on it: mount that one on the store's own folder instead")]
    Mounted,
    #[error("the file system is mounted read-only: mount it for writing, and look why it was not")]
    ReadOnly,
    #[error(
        "the operating system denies it: give the folder and all in it to the user that runs this program"
    )]
    Denied,
    #[error("the folder was removed or replaced: put it back, or open the store again")]
    Gone,
    #[error("another process holds its lock: look for one that is stopped or hangs on the disk")]
    Busy,
    #[error("its thread has ended: open the store again")]
    Ended,
    #[error("the path ends in no name: give the path of a folder")]
    Nameless,
}

/// Returns the error of a step before which nothing had changed.
pub(crate) fn not_applied(action: &'static str, cause: impl Into<Cause>) -> Error {
    failed(action, Outcome::NotApplied, cause.into())
}

/// Returns the error of a step after which the change may be there.
pub(crate) fn unknown(action: &'static str, cause: impl Into<Cause>) -> Error {
    failed(action, Outcome::Unknown, cause.into())
}

fn failed(action: &'static str, outcome: Outcome, cause: Cause) -> Error {
    match (outcome, cause) {
        (Outcome::NotApplied, Cause::System(cause)) if is_full(&cause) => Error::Full,
        (Outcome::NotApplied, Cause::System(cause)) => Error::backend(STORE, action, cause),
        (Outcome::NotApplied, Cause::Refusal(cause)) => Error::backend(STORE, action, cause),
        (Outcome::Unknown, Cause::System(cause)) => Error::unknown(STORE, action, cause),
        (Outcome::Unknown, Cause::Refusal(cause)) => Error::unknown(STORE, action, cause),
    }
}

fn is_full(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Why a step failed.
#[derive(Debug)]
pub(crate) enum Cause {
    System(io::Error),
    Refusal(Refusal),
}

impl From<io::Error> for Cause {
    fn from(cause: io::Error) -> Self {
        match Errno::from_io_error(&cause) {
            Some(errno) => errno.into(),
            None => Self::System(cause),
        }
    }
}

impl From<Errno> for Cause {
    fn from(cause: Errno) -> Self {
        match cause {
            // What opening says about a planted link, and about a socket.
            Errno::LOOP | Errno::NXIO | Errno::ISDIR => Self::Refusal(Refusal::NotAFile),
            Errno::NOTDIR => Self::Refusal(Refusal::NotAFolder),
            Errno::ROFS => Self::Refusal(Refusal::ReadOnly),
            Errno::ACCESS | Errno::PERM => Self::Refusal(Refusal::Denied),
            _ => Self::System(cause.into()),
        }
    }
}

impl From<Refusal> for Cause {
    fn from(cause: Refusal) -> Self {
        Self::Refusal(cause)
    }
}
