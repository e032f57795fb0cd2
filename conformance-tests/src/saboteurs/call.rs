//! A call, as a flaw sees it.

use session_core::{Expect, Key, Object, Record, Result, Revision, Stored, Timestamp};

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

/// A call of `page`.
#[derive(Clone, Copy)]
pub(crate) struct Page<'a> {
    pub(crate) after: Option<&'a Key>,
    pub(crate) limit: usize,
    pub(crate) now: Timestamp,
}

impl Page<'_> {
    /// Does what is right.
    pub(crate) fn on(self, sessions: &Sessions) -> Vec<(Key, Stored)> {
        sessions.page(self.after, self.limit, self.now)
    }

    /// Does what is right with those that are not left out.
    pub(crate) fn without(
        self,
        is_left_out: impl Fn(&Key) -> bool,
        sessions: &Sessions,
    ) -> Vec<(Key, Stored)> {
        let mut page = sessions.page(self.after, usize::MAX, self.now);
        page.retain(|(key, _)| !is_left_out(key));
        page.truncate(self.limit);
        page
    }
}

/// A call of `put`.
#[derive(Clone)]
pub(crate) struct Put<'a> {
    pub(crate) key: &'a Key,
    pub(crate) name: &'a str,
    pub(crate) object: Object,
    pub(crate) now: Timestamp,
}

impl Put<'_> {
    /// Does what is right.
    pub(crate) fn on(self, sessions: &mut Sessions) -> Result<Option<Object>> {
        sessions.put(self.key, self.name, self.object, self.now)
    }
}
