//! The threads that change the folders, each some of them.
//!
//! While one waits for the medium, another one writes and renames. Every folder has its one thread, so what is said of
//! the order of calls about one key holds.

use std::sync::Arc;

use session_core::Result;

use crate::{cap::Cap, layout::Shard, options::DiskOptions, root::Root, sync::Syncer, writer::Writer};

/// How many threads there are. More would make smaller rounds, which share fewer syncs.
const WRITERS: usize = 2;

/// The threads that change the folders.
#[derive(Debug)]
pub(crate) struct Writers {
    writers: Vec<Writer>,
    counts: bool,
}

impl Writers {
    /// Starts the threads.
    pub(crate) fn start(root: &Arc<Root>, options: &DiskOptions) -> Result<Self> {
        let syncer = Syncer::open(root, options.durability)?;
        let start = |cap| Writer::start(root, syncer.clone(), cap, options.lock_timeout);
        let writers: Result<_> = match options.max_sessions {
            // Who counts sessions knows of all of them, and evicts in any folder.
            Some(max) => Cap::open(root, max).and_then(|cap| start(Some(cap))).map(|writer| vec![writer]),
            None => (0..WRITERS).map(|_| start(None)).collect(),
        };
        Ok(Self { writers: writers?, counts: options.max_sessions.is_some() })
    }

    /// Returns the one that changes this folder.
    pub(crate) fn of(&self, shard: Shard) -> &Writer {
        let number = usize::from(shard.0) % self.writers.len();
        self.writers.get(number).expect("the number is one of a writer")
    }

    /// Returns whether the sessions in the folder are counted.
    pub(crate) const fn counts(&self) -> bool {
        self.counts
    }
}
