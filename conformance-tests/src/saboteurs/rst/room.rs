//! Flaws of who makes room when a store with a cap is opened again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Expect, Key, Result, Revision, Stored, Timestamp};

use crate::saboteurs::{
    Flaw, Save, Touch, World,
    bnd::room::{class, make_room_by},
    saboteurs,
};

saboteurs! {
    reopening_ranks_by_creation ReopeningRanksByCreation caught by "RST-008": "Opened again, who was created first makes room first.";
    reopening_ranks_by_the_last_save ReopeningRanksByTheLastSave caught by "RST-008": "Opened again, who makes room is decided by the access of before the last touch.";
    reopening_ranks_without_owners ReopeningRanksWithoutOwners caught by "RST-008": "Opened again, sessions that have an owner make room like the others.";
}

/// By what live sessions make room.
type Rank = (u8, Timestamp);

/// What is known of the sessions.
#[derive(Default)]
struct Known {
    writes: i64,
    /// When each was created, as a number of writes.
    created: HashMap<Key, i64>,
    /// When each was used according to the last save.
    used: HashMap<Key, Timestamp>,
    /// The ranks of those that were there at the last opening and were not written since.
    ranks: HashMap<Key, Rank>,
}

impl Known {
    fn save(world: &World, call: Save<'_>) -> Result<Revision> {
        let known = world.part::<Mutex<Self>>();
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        let revision = world.with(|sessions| {
            if known.ranks.is_empty() {
                return call.on(sessions);
            }
            make_room_by(sessions, call, |key, stored| known.rank(key, stored, call.now))
        })?;
        known.writes += 1;
        if call.expect == Expect::Absent {
            let writes = known.writes;
            known.created.insert(*call.key, writes);
        }
        known.used.insert(*call.key, call.record.accessed_at);
        known.ranks.remove(call.key);
        Ok(revision)
    }

    fn rank(&self, key: &Key, stored: &Stored, now: Timestamp) -> (Rank, Key) {
        if !stored.record.is_live(now) {
            return ((0, stored.record.expires_at), *key);
        }
        let right = (class(stored, true).0, stored.record.accessed_at);
        (self.ranks.get(key).copied().unwrap_or(right), *key)
    }

    fn touch(world: &World, call: Touch<'_>) -> Result<Revision> {
        let revision = world.with(|sessions| call.on(sessions))?;
        let known = world.part::<Mutex<Self>>();
        known.lock().unwrap_or_else(PoisonError::into_inner).ranks.remove(call.key);
        Ok(revision)
    }

    /// Ranks the sessions that are there, each by its class and its access.
    fn reopen(world: &World, rank: impl Fn(&Self, &Key, Rank) -> Rank) {
        let known = world.part::<Mutex<Self>>();
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ranks = HashMap::new();
        for (key, stored) in &world.lock().map {
            let right = (class(stored, true).0, stored.record.accessed_at);
            ranks.insert(*key, rank(&known, key, right));
        }
        known.ranks = ranks;
    }
}

#[async_trait]
impl Flaw for ReopeningRanksByCreation {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        Known::save(world, call)
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        Known::touch(world, call)
    }

    fn reopen(&self, world: &World) {
        Known::reopen(world, |known, key, (class, _)| {
            (class, Timestamp::from_millis(known.created.get(key).copied().unwrap_or(0)))
        });
    }
}

#[async_trait]
impl Flaw for ReopeningRanksByTheLastSave {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        Known::save(world, call)
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        Known::touch(world, call)
    }

    fn reopen(&self, world: &World) {
        Known::reopen(world, |known, key, (class, used)| {
            (class, known.used.get(key).copied().unwrap_or(used))
        });
    }
}

#[async_trait]
impl Flaw for ReopeningRanksWithoutOwners {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        Known::save(world, call)
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        Known::touch(world, call)
    }

    fn reopen(&self, world: &World) {
        Known::reopen(world, |_, _, (_, used)| (1, used));
    }
}
