//! What one key holds, and what each call does to it.

use std::fmt;

use bytes::Bytes;
use session_core::{Expect, Owner, Record, Revision, Stored, Timestamp};

use crate::{
    checks::Answer,
    linearize::{Action, Operation, Reply},
};

/// What one key holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct State(Option<Held>);

#[derive(Clone, PartialEq, Eq, Hash)]
struct Held {
    data: Bytes,
    accessed_at: Timestamp,
    expires_at: Timestamp,
    owner: Option<Owner>,
    revision: Revision,
}

impl State {
    /// Returns what is there after the call took effect, or nothing when its answer does not fit to what was there.
    pub(crate) fn after(&self, operation: &Operation) -> Option<Self> {
        let reply = &operation.reply;
        match &operation.action {
            Action::Load { now } => self.loaded(*now, reply),
            Action::Save { record, expect, now } => self.written(*expect, *now, reply, |_| record.clone()),
            Action::Touch { expect, accessed_at, expires_at, now } => {
                let (accessed_at, expires_at) = (*accessed_at, *expires_at);
                self.written(Expect::Revision(*expect), *now, reply, |held| Record {
                    accessed_at,
                    expires_at,
                    ..held.map(Held::record).unwrap_or_else(empty)
                })
            }
            Action::Delete => (!matches!(reply, Reply::Refused(_))).then(Self::default),
            Action::Sweep { now } => self.swept(*now, reply),
            Action::Evict => self.0.is_some().then(Self::default),
        }
    }

    fn loaded(&self, now: Timestamp, reply: &Reply) -> Option<Self> {
        let held = self.0.as_ref().filter(|held| now < held.expires_at);
        match (held, reply) {
            (None, Reply::Loaded(None)) => Some(self.clone()),
            (Some(held), Reply::Loaded(Some(found))) if held.can_be(found) => Some(Self::of(found)),
            _ => None,
        }
    }

    fn written(
        &self,
        expect: Expect,
        now: Timestamp,
        reply: &Reply,
        record: impl FnOnce(Option<&Held>) -> Record,
    ) -> Option<Self> {
        let held = self.0.as_ref().filter(|held| expect.counts(held.expires_at, now));
        let fresh = if let Reply::Wrote(revision) = reply { *revision } else { unseen() };
        let judged = expect.judge(held.map(|held| held.revision), fresh);
        match (&judged, reply) {
            (Ok(revision), Reply::Wrote(answered)) if revision != answered => None,
            (Ok(revision), Reply::Wrote(_) | Reply::Unknown | Reply::Dropped) => {
                Some(Self::of(&Stored { record: record(held), revision: *revision }))
            }
            (Err(_), Reply::Refused(answer)) if Answer::of(&judged) == *answer => Some(self.clone()),
            _ => None,
        }
    }

    fn swept(&self, now: Timestamp, reply: &Reply) -> Option<Self> {
        let is_dead = self.0.as_ref().is_some_and(|held| held.expires_at <= now);
        match reply {
            Reply::Swept(false) => Some(self.clone()),
            Reply::Refused(_) => None,
            _ => is_dead.then(Self::default),
        }
    }

    fn of(stored: &Stored) -> Self {
        let Record { data, accessed_at, expires_at, owner } = stored.record.clone();
        Self(Some(Held { data, accessed_at, expires_at, owner, revision: stored.revision }))
    }
}

impl Held {
    fn record(&self) -> Record {
        Record {
            data: self.data.clone(),
            accessed_at: self.accessed_at,
            expires_at: self.expires_at,
            owner: self.owner.clone(),
        }
    }

    /// Returns whether this is what was found; a revision that nobody was told yet is whatever was found.
    fn can_be(&self, found: &Stored) -> bool {
        (self.revision == found.revision || self.revision == unseen()) && self.record() == found.record
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Stored { record: self.record(), revision: self.revision }.fmt(f)
    }
}

/// The revision of a session whose creation was not answered, until someone loads it: no first revision is that
/// high.
fn unseen() -> Revision {
    Revision::from_i64(i64::MAX).expect("the largest number is not negative")
}

fn empty() -> Record {
    Record { data: Bytes::new(), accessed_at: Timestamp::EPOCH, expires_at: Timestamp::EPOCH, owner: None }
}
