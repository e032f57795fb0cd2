//! A write, as a flaw sees it.

use session_core::{Expect, Key, Record, Result, Revision, Timestamp};

use crate::reference::Sessions;

/// A call of `save`.
#[derive(Clone, Copy)]
pub(crate) struct Save<'a> {
    pub(crate) key: &'a Key,
    pub(crate) record: &'a Record,
    pub(crate) expect: Expect,
    pub(crate) now: Timestamp,
}

impl Save<'_> {
    /// Does what is right.
    pub(crate) fn on(self, sessions: &mut Sessions) -> Result<Revision> {
        sessions.save(self.key, self.record, self.expect, self.now)
    }

    /// Does what is right with another record.
    pub(crate) fn of(self, record: &Record, sessions: &mut Sessions) -> Result<Revision> {
        sessions.save(self.key, record, self.expect, self.now)
    }
}

/// A call of `touch`.
#[derive(Clone, Copy)]
pub(crate) struct Touch<'a> {
    pub(crate) key: &'a Key,
    pub(crate) expect: Revision,
    pub(crate) accessed_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) now: Timestamp,
}

impl Touch<'_> {
    /// Does what is right.
    pub(crate) fn on(self, sessions: &mut Sessions) -> Result<Revision> {
        sessions.touch(self.key, self.expect, self.accessed_at, self.expires_at, self.now)
    }
}
