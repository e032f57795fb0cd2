//! The time of a file is the time its session expires: a sweep sees who is dead without opening anything.

use rustix::fs::{Stat, Timespec, Timestamps, UTIME_OMIT};
use session_core::Timestamp;

/// Returns the file times that tell `expires_at`.
///
/// A file system keeps them as far as it can: what it cut to its own range or precision is too early, and what looks
/// dead is opened and judged by its head.
pub(crate) fn times(expires_at: Timestamp) -> Timestamps {
    let millis = expires_at.as_millis();
    Timestamps {
        last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        last_modification: Timespec { tv_sec: millis / 1_000, tv_nsec: millis % 1_000 * 1_000_000 },
    }
}

/// Returns when the session in a file expires, or the epoch for a file from before it.
pub(crate) fn read(stat: &Stat) -> Timestamp {
    let millis = i64::try_from(stat.st_mtime_nsec / 1_000_000).unwrap_or(0);
    Timestamp::from_millis(stat.st_mtime.saturating_mul(1_000).saturating_add(millis))
}
