//! The one trait that every backend implements, and its facets.

mod at_once;
mod directory;
mod eviction;
mod objects;
mod teller;

use std::fmt::Debug;

use async_trait::async_trait;

pub(crate) use self::at_once::at_once;
pub use self::{
    at_once::AtOnce,
    directory::Directory,
    eviction::tell_evicted,
    objects::{Object, Objects},
    teller::Teller,
};
use crate::{Expect, Key, Record, Result, Revision, Stored, Timestamp};

/// Keeps records by key.
///
/// # Contract
///
/// Every implementer keeps these rules, and `conformance-tests` has a law for each.
///
/// - **Time is an argument.** A store reads no clock.
/// - **A dead session is an absent one** for every call but [`delete_expired`](Store::delete_expired) and a save that
///   expects [`Expect::Absent`], whether or not anything swept. A session is dead from `expires_at` on
///   ([`Record::is_live`]), and that is judged in the very step that writes or deletes.
/// - **Every call is atomic**, and the calls for one key are linearizable.
/// - **Every write but `delete` is a compare-and-swap**, `touch` too: [`Expect::judge`] decides, in the same step.
/// - **`Ok` is kept**, as far as the crate's documentation promises: through a killed process, through power loss.
/// - **A dropped future** leaves the session as before or as after the call, and a dropped write never lands after a
///   later write that was answered `Ok`. It leaks no lock, permit, connection or temporary file.
/// - **A failed write tells what is known** ([`Outcome`](crate::Outcome)). A store that tried again inside answers
///   `Unknown`, never `Conflict` or `NotApplied`, for a write of its own that landed.
/// - **Records are untrusted input** when they come back from the medium: lengths are checked before anything is
///   allocated, and a damaged record is [`Error::Corrupt`](crate::Error::Corrupt), never a panic, never `None`.
/// - **`poll` never blocks**: whatever waits for a disk or a lock does so elsewhere.
/// - **A future that nobody polls holds up nobody**: no lock that others need is held across an await. Whoever polled last
///   is woken.
/// - **No secrets in words**: neither errors nor `Debug` nor what is logged have an owner or data in them.
/// - **A clone is a handle** to the same sessions, where the store is `Clone`.
#[async_trait]
pub trait Store: Debug + Send + Sync + 'static {
    /// Returns the live session under `key`, or `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`](crate::Error::Corrupt) for a damaged record, [`Error::Backend`](crate::Error::Backend) when
    /// the medium failed: neither is "no session".
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>>;

    /// Writes the whole `record` under `key` if `expect` is what is there, and returns its revision.
    ///
    /// # Errors
    ///
    /// [`Error::Exists`](crate::Error::Exists), [`Error::Missing`](crate::Error::Missing) and
    /// [`Error::Conflict`](crate::Error::Conflict) as [`Expect::judge`] decides;
    /// [`Error::Corrupt`](crate::Error::Corrupt) where a damaged record is found that would have to be judged: only
    /// [`delete`](Store::delete) ends it;
    /// [`Error::Full`](crate::Error::Full) when there is no room, [`Error::TooLarge`](crate::Error::TooLarge) when the
    /// data are more than this store keeps in one record, and nothing was changed; [`Error::Backend`](crate::Error::Backend)
    /// when the medium failed.
    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision>;

    /// Sets both times of the live session at revision `expect`, leaves the rest, and returns the next revision.
    ///
    /// # Errors
    ///
    /// As [`save`](Store::save) with [`Expect::Revision`].
    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision>;

    /// Deletes whatever is under `key`; that nothing is there is `Ok` too.
    ///
    /// # Errors
    ///
    /// [`Error::Full`](crate::Error::Full) when that takes room and there is none, and nothing was changed;
    /// [`Error::Backend`](crate::Error::Backend) when the medium failed.
    async fn delete(&self, key: &Key) -> Result<()>;

    /// Deletes at most `limit` sessions that are dead at `now`, and returns how many it deleted.
    ///
    /// Call it again while it returns `limit`. It judges each session in the step that deletes it, at `now`, whatever the
    /// clocks of others say: what lives at `now` is never deleted, though it was dead when the sweep began. A
    /// session that is deleted, created again dead and met again counts again. A sweep that was dropped may go on.
    ///
    /// # Errors
    ///
    /// As [`delete`](Store::delete); what was deleted before stays deleted.
    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize>;

    /// Returns the facet that lists sessions, where the store has it.
    fn directory(&self) -> Option<&dyn Directory> {
        None
    }

    /// Returns the facet that keeps live objects, where the store has it.
    fn objects(&self) -> Option<&dyn Objects> {
        None
    }

    /// Returns the facet that answers without a future, where the store has it.
    fn at_once(&self) -> Option<&dyn AtOnce> {
        None
    }
}
