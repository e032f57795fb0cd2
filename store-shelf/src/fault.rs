//! From the errors of redb and of the operating system to [`Error`].

use std::io;

use rustix::io::Errno;
use session_core::{Error, Outcome};

const STORE: &str = "store-shelf";

/// Why the file is not what this store made, or cannot be used now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(
        "the file is open elsewhere: end the other process, or keep sessions that processes share in store-disk"
    )]
    InUse,
    #[error("it is no file of sessions: give another path, or move it away")]
    Foreign,
    #[error("it was written by a newer version of store-shelf: use that one")]
    Newer,
    #[error("it is damaged: put a copy in its place, or move it away to begin with an empty one")]
    Damaged,
    #[error("it belongs to another user: run the program as that user, or chown the file")]
    NotOurs,
    #[error("other users may open it: run chmod 600 on it")]
    OpenToOthers,
    #[error("it is a folder or a device, not a plain file: give another path")]
    NotAFile,
    #[error("the file was removed or replaced: put it back, or open the store again")]
    Gone,
    #[error(
        "the operating system denies it: give the file and its folder to the user that runs this program"
    )]
    Denied,
    #[error("the file system is mounted read-only: mount it for writing, and look why it was not")]
    ReadOnly,
    #[error("the path ends in no name: give the path of a file")]
    Nameless,
    #[error("the store was closed: open it again")]
    Closed,
}

/// Returns the error of a step before which nothing had changed.
pub(crate) fn not_applied(action: &'static str, cause: impl Into<Cause>) -> Error {
    failed(action, Outcome::NotApplied, cause.into())
}

/// Returns the error of a step after which the change may be there.
pub(crate) fn unknown(action: &'static str, cause: impl Into<Cause>) -> Error {
    failed(action, Outcome::Unknown, cause.into())
}

/// Returns what turns an error of redb into one of a step before which nothing had changed.
pub(crate) fn failed_to<E: Into<redb::Error>>(action: &'static str) -> impl FnOnce(E) -> Error {
    move |error| not_applied(action, error.into())
}

/// Returns the error of the first opening of a file, which may be any file at all.
pub(crate) fn not_opened(error: impl Into<redb::Error>) -> Error {
    let refusal = match error.into() {
        redb::Error::Io(cause) if cause.kind() == io::ErrorKind::InvalidData => Refusal::Foreign,
        redb::Error::Io(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => Refusal::Damaged,
        redb::Error::UpgradeRequired(_) => Refusal::Foreign,
        other => return not_applied("open its file", other),
    };
    not_applied("open its file", refusal)
}

fn failed(action: &'static str, outcome: Outcome, cause: Cause) -> Error {
    match (outcome, cause) {
        (Outcome::NotApplied, Cause::System(cause)) if is_full(&cause) => Error::Full,
        (Outcome::NotApplied, Cause::System(cause)) => Error::backend(STORE, action, cause),
        (Outcome::NotApplied, Cause::Refusal(cause)) => Error::backend(STORE, action, cause),
        (Outcome::NotApplied, Cause::Redb(cause)) => Error::backend(STORE, action, cause),
        (Outcome::Unknown, Cause::System(cause)) => Error::unknown(STORE, action, cause),
        (Outcome::Unknown, Cause::Refusal(cause)) => Error::unknown(STORE, action, cause),
        (Outcome::Unknown, Cause::Redb(cause)) => Error::unknown(STORE, action, cause),
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
    Redb(redb::Error),
}

impl From<redb::Error> for Cause {
    fn from(cause: redb::Error) -> Self {
        match cause {
            redb::Error::Io(cause) => cause.into(),
            redb::Error::DatabaseAlreadyOpen => Self::Refusal(Refusal::InUse),
            redb::Error::Corrupted(_) => Self::Refusal(Refusal::Damaged),
            other => Self::Redb(other),
        }
    }
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
            Errno::NXIO | Errno::ISDIR => Self::Refusal(Refusal::NotAFile),
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
