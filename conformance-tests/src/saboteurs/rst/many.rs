//! Flaws of opening again what is much.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Key, Result, Revision, Stored, Timestamp};

use crate::{
    reference::Sessions,
    saboteurs::{Flaw, Save, Touch, World, saboteurs},
};

saboteurs! {
    reopening_reads_a_hundred ReopeningReadsAHundred caught by "RST-010": "Opening again finds a hundred sessions at most.";
    a_hundred_writes_are_replayed AHundredWritesAreReplayed caught by "RST-010": "Opening again finds what the first hundred writes since the last opening have left.";
    reopening_counts_a_hundred ReopeningCountsAHundred caught by "RST-010": "Opened again, the count is a hundred at most.";
}

impl Flaw for ReopeningReadsAHundred {
    fn reopen(&self, world: &World) {
        let mut sessions = world.lock();
        while sessions.map.len() > 100 {
            sessions.map.pop_last();
        }
    }
}

#[async_trait]
impl Flaw for ReopeningCountsAHundred {
    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        let count = world.lock().count(now);
        Ok(if world.opening > 0 { count.min(100) } else { count })
    }
}

/// The writes since the last opening.
#[derive(Default)]
struct Log {
    writes: u64,
    /// What a hundred of them have left.
    replayed: Option<BTreeMap<Key, Stored>>,
}

impl Log {
    /// Makes a write.
    fn write<T>(world: &World, write: impl FnOnce(&mut Sessions) -> T) -> T {
        let log = world.part::<Mutex<Self>>();
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.writes += 1;
        if log.writes == 101 {
            log.replayed = Some(world.lock().map.clone());
        }
        world.with(write)
    }
}

#[async_trait]
impl Flaw for AHundredWritesAreReplayed {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        Log::write(world, |sessions| call.on(sessions))
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        Log::write(world, |sessions| call.on(sessions))
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        Log::write(world, |sessions| sessions.delete(key));
        Ok(())
    }

    fn reopen(&self, world: &World) {
        let log = world.part::<Mutex<Log>>();
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(replayed) = log.replayed.take() {
            world.lock().map = replayed;
        }
        log.writes = 0;
    }
}
