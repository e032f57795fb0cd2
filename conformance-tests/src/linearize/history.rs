//! What was called, when, and what was answered.

use session_core::{Error, Expect, Outcome, Record, Revision, Stored, Timestamp};

use crate::checks::Answer;

/// One call, as one key sees it.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) action: Action,
    pub(crate) reply: Reply,
    /// The place of the call among all calls and answers.
    pub(crate) called: u64,
    /// The place of the answer, or of the drop.
    pub(crate) ended: u64,
}

/// What was asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    Load {
        now: Timestamp,
    },
    Save {
        record: Record,
        expect: Expect,
        now: Timestamp,
    },
    Touch {
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    },
    Delete,
    Sweep {
        now: Timestamp,
    },
    /// Another session is created where the cap is reached.
    Evict,
}

/// What is known of a call since it was made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reply {
    Loaded(Option<Stored>),
    Wrote(Revision),
    Deleted,
    /// The sweep deleted the session, or had nothing to delete.
    Swept(bool),
    /// Some sessions were deleted, perhaps this one.
    PerhapsGone,
    /// Nothing was changed, for this reason.
    Refused(Answer),
    /// It failed before it changed anything, whatever was there.
    NotApplied,
    /// It takes effect at any time after the call, or never.
    Unknown,
    /// The future was dropped: it takes effect before the next acknowledged write, or never. A sweep may go on.
    Dropped,
}

impl Reply {
    /// Returns what a failure tells.
    pub(crate) fn of_failure(error: &Error) -> Self {
        match error {
            Error::Backend { outcome: Outcome::NotApplied, .. } => Self::NotApplied,
            Error::Backend { outcome: Outcome::Unknown, .. } => Self::Unknown,
            error => Self::Refused(Answer::of::<()>(&Err(error.clone()))),
        }
    }
}

impl Operation {
    /// Returns whether every order must contain the call; others may have had no effect at all.
    pub(crate) fn is_certain(&self) -> bool {
        !matches!(self.reply, Reply::PerhapsGone | Reply::Unknown | Reply::Dropped)
    }

    /// Returns whether the call may take effect again and again: a sweep may meet a session that was created again dead.
    pub(crate) fn goes_on(&self) -> bool {
        self.is_sweep() && !self.is_certain()
    }

    /// Returns whether the call can no longer take effect once `other` has.
    pub(crate) fn is_over_when(&self, other: &Self) -> bool {
        let is_later = other.called > self.ended;
        match self.reply {
            Reply::Unknown => false,
            Reply::Dropped => is_later && !self.is_sweep() && other.is_acknowledged_write(),
            _ => is_later,
        }
    }

    /// Returns whether this call can stand for `other`, which is over no earlier, wherever both may come next.
    pub(crate) fn is_as_good_as(&self, other: &Self) -> bool {
        let does_the_same = self.action == other.action && self.reply == other.reply;
        let is_repeated = self.called == other.called;
        does_the_same && (is_repeated || !self.is_certain())
    }

    /// Returns whether it is not known if the call created a session of this record, and at which revision.
    pub(crate) fn may_have_created(&self, record: &Record) -> bool {
        let creates = |saved, expect| expect == Expect::Absent && saved == record;
        !self.is_certain()
            && matches!(&self.action, Action::Save { record, expect, .. } if creates(record, *expect))
    }

    fn is_sweep(&self) -> bool {
        matches!(self.action, Action::Sweep { .. })
    }

    fn is_acknowledged_write(&self) -> bool {
        matches!(self.reply, Reply::Wrote(_) | Reply::Deleted)
    }
}
