//! Flaws of making room, which show when the sessions have been in use.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Expect, Key, Owner, Result, Revision, Stored, Timestamp};

use crate::{
    reference::Sessions,
    saboteurs::{Flaw, Save, Touch, World, saboteurs},
};

saboteurs! {
    looks_for_room_and_gives_way LooksForRoomAndGivesWay caught by "BND-018": "A creation looks whether there is room, lets others have their turn, and evicts nobody where there was.";
    a_load_keeps_from_being_next ALoadKeepsFromBeingNext caught by "MBT-006": "Of two sessions the one that was loaded last stays, whatever its time of access.";
    a_write_keeps_from_being_next AWriteKeepsFromBeingNext caught by "MBT-006": "A touch and a save count as an access at the time of the call.";
    makes_room_by_the_first_end MakesRoomByTheFirstEnd caught by "MBT-006": "Who is dead when room is made is decided by the end at the time of creation.";
    the_evicted_stay_listed TheEvictedStayListed caught by "BND-013": "An evicted session stays in its owner's list.";
    the_evicted_drop_under_the_lock TheEvictedDropUnderTheLock caught by "OBJ-009": "Objects of evicted sessions are dropped while the store is locked.";
    an_eviction_ends_all_objects AnEvictionEndsAllObjects caught by "OBJ-009": "An eviction drops the objects of every session.";
    only_the_living_take_room OnlyTheLivingTakeRoom caught by "BND-002": "Dead sessions do not count where a cap is kept.";
    accessed_at_the_epoch_is_never_evicted AccessedAtTheEpochIsNeverEvicted caught by "BND-002": "A session that was accessed at the epoch makes room after all others like it.";
}

/// Carries out a save, and has whoever comes first in this order make room for it.
pub(crate) fn make_room_by<R: Ord>(
    sessions: &mut Sessions,
    call: Save<'_>,
    rank: impl Fn(&Key, &Stored) -> R,
) -> Result<Revision> {
    let is_full = sessions.max_sessions.is_some_and(|max| sessions.map.len() >= max.max(1));
    if is_full && call.expect == Expect::Absent && sessions.judge(call.key, call.expect, call.now).is_ok() {
        let first = sessions.map.iter().min_by_key(|(key, stored)| rank(key, stored)).map(|(key, _)| *key);
        first.map(|first| sessions.delete(&first));
    }
    call.on(sessions)
}

/// Returns the first part of who makes room: the dead, then those without an owner.
pub(crate) fn class(stored: &Stored, is_live: bool) -> (u8, Timestamp) {
    match (is_live, &stored.record.owner) {
        (false, _) => (0, stored.record.expires_at),
        (true, None) => (1, Timestamp::EPOCH),
        (true, Some(_)) => (2, Timestamp::EPOCH),
    }
}

/// In which order sessions were loaded.
#[derive(Default)]
struct Loads(Mutex<(u64, HashMap<Key, u64>)>);

#[async_trait]
impl Flaw for ALoadKeepsFromBeingNext {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let loads = world.part::<Loads>();
        let mut loads = loads.0.lock().unwrap_or_else(PoisonError::into_inner);
        loads.0 += 1;
        let turn = loads.0;
        loads.1.insert(*key, turn);
        world.lock().load(key, now)
    }

    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let loads = world.part::<Loads>();
        let loads = loads.0.lock().unwrap_or_else(PoisonError::into_inner);
        world.with(|sessions| {
            make_room_by(sessions, call, |key, stored| {
                let turn = loads.1.get(key).copied().unwrap_or(0);
                (class(stored, stored.record.is_live(call.now)), turn, stored.record.accessed_at, *key)
            })
        })
    }
}

/// A time of each session.
type Times = Mutex<HashMap<Key, Timestamp>>;

#[async_trait]
impl Flaw for AWriteKeepsFromBeingNext {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let times = world.part::<Times>();
        let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
        world.with(|sessions| {
            let saved = make_room_by(sessions, call, |key, stored| {
                let used = stored.record.accessed_at.max(times.get(key).copied().unwrap_or(Timestamp::EPOCH));
                (class(stored, stored.record.is_live(call.now)), used, *key)
            });
            match call.expect {
                Expect::Absent => times.remove(call.key),
                Expect::Revision(_) => times.insert(*call.key, call.now),
            };
            saved
        })
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.part::<Times>().lock().unwrap_or_else(PoisonError::into_inner).insert(*call.key, call.now);
        world.with(|sessions| call.on(sessions))
    }
}

#[async_trait]
impl Flaw for MakesRoomByTheFirstEnd {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let ends = world.part::<Times>();
        let mut ends = ends.lock().unwrap_or_else(PoisonError::into_inner);
        world.with(|sessions| {
            let saved = make_room_by(sessions, call, |key, stored| {
                let end = ends.get(key).copied().unwrap_or(stored.record.expires_at);
                (class(stored, call.now < end), stored.record.accessed_at, *key)
            })?;
            if call.expect == Expect::Absent {
                ends.insert(*call.key, call.record.expires_at);
            }
            Ok(saved)
        })
    }
}

/// Sessions that were evicted and not created again.
type Ghosts = Mutex<BTreeMap<Key, Stored>>;

#[async_trait]
impl Flaw for TheEvictedStayListed {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let ghosts = world.part::<Ghosts>();
        let mut ghosts = ghosts.lock().unwrap_or_else(PoisonError::into_inner);
        world.with(|sessions| {
            let before = sessions.max_sessions.map(|_| sessions.map.clone()).unwrap_or_default();
            let saved = call.on(sessions);
            ghosts.extend(before.into_iter().filter(|(key, _)| !sessions.map.contains_key(key)));
            ghosts.remove(call.key);
            saved
        })
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let ghosts = world.part::<Ghosts>();
        let mut sessions = world.lock().clone();
        sessions.map.extend(ghosts.lock().unwrap_or_else(PoisonError::into_inner).clone());
        Ok(sessions.owned_by(owner, now))
    }
}

#[async_trait]
impl Flaw for TheEvictedDropUnderTheLock {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let mut sessions = world.lock();
        let saved = call.on(&mut sessions);
        sessions.gone.clear();
        saved
    }
}

#[async_trait]
impl Flaw for AnEvictionEndsAllObjects {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let before: BTreeSet<Key> = sessions.map.keys().copied().collect();
            let saved = call.on(sessions);
            if before.iter().any(|key| !sessions.map.contains_key(key)) {
                let ended = std::mem::take(&mut sessions.objects);
                sessions.gone.extend(ended.into_values());
            }
            saved
        })
    }
}

#[async_trait]
impl Flaw for OnlyTheLivingTakeRoom {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let (max, dead) = (sessions.max_sessions, sessions.dead(call.now).count());
            sessions.max_sessions = max.map(|max| max + dead);
            let saved = call.on(sessions);
            sessions.max_sessions = max;
            saved
        })
    }
}

#[async_trait]
impl Flaw for AccessedAtTheEpochIsNeverEvicted {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            make_room_by(sessions, call, |key, stored| {
                let used = stored.record.accessed_at;
                (class(stored, stored.record.is_live(call.now)), used == Timestamp::EPOCH, used, *key)
            })
        })
    }
}

#[async_trait]
impl Flaw for LooksForRoomAndGivesWay {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let has_room = {
            let sessions = world.lock();
            sessions.max_sessions.is_some_and(|max| sessions.map.len() < max)
        };
        tokio::task::yield_now().await;
        world.with(|sessions| {
            let max = sessions.max_sessions;
            if has_room && call.expect == Expect::Absent {
                sessions.max_sessions = None;
            }
            let saved = call.on(sessions);
            sessions.max_sessions = max;
            saved
        })
    }
}
