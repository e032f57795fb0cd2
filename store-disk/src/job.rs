//! What the writer thread is asked to do.

use session_core::{Expect, Key, Record, Result, Revision, Timestamp};
use tokio::sync::oneshot;

use crate::layout::Shard;

/// Which revision is there after a job, `None` for no record.
pub(crate) type Answer = Result<Option<Revision>>;

/// One change of one session.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) key: Key,
    pub(crate) task: Task,
    pub(crate) reply: oneshot::Sender<Answer>,
}

/// What to change.
#[derive(Clone, Debug)]
pub(crate) enum Task {
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
    /// Deletes the record if it is dead, sets it aside if it is damaged; `Missing` when there is none.
    Expire {
        now: Timestamp,
    },
    /// Removes what killed processes left in the folder of the key, and old records that were set aside.
    Tidy {
        now: Timestamp,
    },
}

impl Job {
    pub(crate) fn shard(&self) -> Shard {
        Shard::of(&self.key)
    }

    pub(crate) fn is_tidy(&self) -> bool {
        matches!(self.task, Task::Tidy { .. })
    }

    /// Returns whether nobody waits for the answer any more.
    pub(crate) fn is_dropped(&self) -> bool {
        self.reply.is_closed()
    }

    pub(crate) fn answer(self, answer: Answer) {
        // Who dropped the call after it began is told nothing, and the change stays.
        let _ = self.reply.send(answer);
    }
}

impl Task {
    /// Returns whether this may be the first record of a folder.
    pub(crate) fn creates(&self) -> bool {
        matches!(self, Self::Save { expect: Expect::Absent, .. })
    }
}
