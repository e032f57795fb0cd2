//! Flaws of the cap.

pub(super) mod again;
pub(super) mod handles;
pub(super) mod late;
pub(super) mod room;
pub(super) mod told;

use async_trait::async_trait;
use session_core::{Expect, Result, Revision};

use super::{Flaw, Save, World, saboteurs};

saboteurs! {
    cap_is_ignored CapIsIgnored caught by "BND-001": "There is no cap.";
    cap_is_one_too_many CapIsOneTooMany caught by "BND-001": "There is room for one more than the cap says.";
    cap_is_one_too_few CapIsOneTooFew caught by "BND-001": "There is room for one less than the cap says.";
    evicts_the_newest EvictsTheNewest caught by "BND-002": "The newest access makes room first.";
    evicts_without_regard_to_owners EvictsWithoutRegardToOwners caught by "BND-004": "The oldest access makes room, whoever owns it.";
    evicts_the_living_before_the_dead EvictsTheLivingBeforeTheDead caught by "BND-002": "The dead make room by their access like the living.";
    evicts_by_key EvictsByKey caught by "BND-002": "The lowest key makes room first.";
    evicts_what_it_creates EvictsWhatItCreates caught by "BND-003": "A create is itself evicted when it is the oldest.";
    a_refused_create_evicts ARefusedCreateEvicts caught by "BND-006": "A create of a taken key makes room first.";
    a_save_evicts ASaveEvicts caught by "BND-006": "A save at the cap makes room.";
    a_touch_does_not_count_as_access ATouchDoesNotCountAsAccess caught by "BND-009": "Who makes room is decided by the access at the time of creation.";
}

impl Flaw for CapIsIgnored {
    fn cap(&self, _: &World, _: usize) {}
}

impl Flaw for CapIsOneTooMany {
    fn cap(&self, world: &World, max: usize) {
        world.lock().max_sessions = Some(max + 1);
    }
}

impl Flaw for CapIsOneTooFew {
    fn cap(&self, world: &World, max: usize) {
        world.lock().max_sessions = Some(max.saturating_sub(1).max(1));
    }
}

#[async_trait]
impl Flaw for EvictsTheNewest {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let full = sessions.max_sessions.is_some_and(|max| sessions.map.len() >= max.max(1));
            let judged = sessions.judge(call.key, call.expect, call.now);
            if full && call.expect == Expect::Absent && judged.is_ok() {
                let evicted = sessions
                    .map
                    .iter()
                    .map(|(key, stored)| (std::cmp::Reverse(stored.record.accessed_at), *key))
                    .min();
                evicted.map(|(_, key)| sessions.delete(&key));
            }
            call.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for EvictsWithoutRegardToOwners {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let full = sessions.max_sessions.is_some_and(|max| sessions.map.len() >= max.max(1));
            let judged = sessions.judge(call.key, call.expect, call.now);
            if full && call.expect == Expect::Absent && judged.is_ok() {
                let evicted =
                    sessions.map.iter().map(|(key, stored)| (stored.record.accessed_at, *key)).min();
                evicted.map(|(_, key)| sessions.delete(&key));
            }
            call.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for EvictsTheLivingBeforeTheDead {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let full = sessions.max_sessions.is_some_and(|max| sessions.map.len() >= max.max(1));
            let judged = sessions.judge(call.key, call.expect, call.now);
            if full && call.expect == Expect::Absent && judged.is_ok() {
                let evicted = sessions
                    .map
                    .iter()
                    .map(|(key, stored)| ((stored.record.owner.is_some(), stored.record.accessed_at), *key))
                    .min();
                evicted.map(|(_, key)| sessions.delete(&key));
            }
            call.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for EvictsByKey {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let full = sessions.max_sessions.is_some_and(|max| sessions.map.len() >= max.max(1));
            let judged = sessions.judge(call.key, call.expect, call.now);
            if full && call.expect == Expect::Absent && judged.is_ok() {
                let evicted = sessions.map.keys().map(|key| ((), *key)).min();
                evicted.map(|(_, key)| sessions.delete(&key));
            }
            call.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for EvictsWhatItCreates {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let full = sessions.max_sessions.is_some_and(|max| sessions.map.len() >= max.max(1));
            let revision = call.on(sessions)?;
            let older =
                sessions.map.values().all(|stored| stored.record.accessed_at >= call.record.accessed_at);
            if full && call.expect == Expect::Absent && older {
                sessions.delete(call.key);
            }
            Ok(revision)
        })
    }
}

#[async_trait]
impl Flaw for ARefusedCreateEvicts {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let full = sessions.max_sessions.is_some_and(|max| sessions.map.len() >= max.max(1));
            if full && call.expect == Expect::Absent {
                let first = sessions.map.keys().copied().find(|key| key != call.key);
                first.map(|key| sessions.delete(&key));
            }
            call.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for ASaveEvicts {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let full = sessions.max_sessions.is_some_and(|max| sessions.map.len() >= max.max(1));
            if full && call.expect != Expect::Absent {
                let first = sessions.map.keys().copied().find(|key| key != call.key);
                first.map(|key| sessions.delete(&key));
            }
            call.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for ATouchDoesNotCountAsAccess {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let full = sessions.max_sessions.is_some_and(|max| sessions.map.len() >= max.max(1));
            if full
                && sessions.judge(call.key, Expect::Absent, call.now).is_ok()
                && call.expect == Expect::Absent
            {
                let first =
                    sessions.memory.created.iter().copied().find(|key| sessions.map.contains_key(key));
                first.map(|key| sessions.delete(&key));
            }
            if call.expect == Expect::Absent {
                sessions.memory.created.push(*call.key);
            }
            call.on(sessions)
        })
    }
}
