//! Flaws of telling who was evicted.

use std::{
    mem,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Key, Result, Revision, Timestamp, tell_evicted};

use crate::{
    reference::Sessions,
    saboteurs::{Flaw, Save, World, saboteurs},
};

saboteurs! {
    tells_nobody TellsNobody caught by "BND-014": "Nobody is told who was evicted.";
    tells_of_visitors_only TellsOfVisitorsOnly caught by "BND-014": "An evicted session that has an owner is not told.";
    tells_twice TellsTwice caught by "BND-014": "An eviction is told twice.";
    tells_who_came TellsWhoCame caught by "BND-014": "In place of the evicted session the one that came is told.";
    tells_of_the_dead TellsOfTheDead caught by "BND-014": "A dead session that makes room is told as evicted.";
    tells_of_the_deleted TellsOfTheDeleted caught by "BND-014": "A deleted session is told as evicted.";
    tells_of_the_swept TellsOfTheSwept caught by "BND-014": "A swept session is told as evicted.";
    tells_at_every_create TellsAtEveryCreate caught by "BND-014": "A create tells of the oldest session, whether it has to go or not.";
    tells_under_the_lock TellsUnderTheLock caught by "BND-014": "Who was evicted is told while the store is locked.";
    tells_before_it_is_gone TellsBeforeItIsGone caught by "BND-014": "Who is to be evicted is told, and evicted then.";
    tells_of_deletes_without_a_cap TellsOfDeletesWithoutACap caught by "NEG-006": "Without a cap, a deleted session is told as evicted.";
    tells_of_sweeps_without_a_cap TellsOfSweepsWithoutACap caught by "NEG-006": "Without a cap, a swept session is told as evicted.";
    tells_of_one_at_a_time TellsOfOneAtATime caught by "BND-015": "Of two creates that evict at the same time one is told.";
}

/// Carries out a save, and lets `change` say who is told.
fn saved(world: &World, call: Save<'_>, change: impl FnOnce(&Sessions, &mut Vec<Key>)) -> Result<Revision> {
    world.with(|sessions| {
        let before = sessions.clone();
        let revision = call.on(sessions)?;
        change(&before, &mut sessions.evicted);
        Ok(revision)
    })
}

#[async_trait]
impl Flaw for TellsNobody {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        saved(world, call, |_, told| told.clear())
    }
}

#[async_trait]
impl Flaw for TellsOfVisitorsOnly {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let has_owner = |before: &Sessions, key: &Key| {
            before.map.get(key).is_some_and(|stored| stored.record.owner.is_some())
        };
        saved(world, call, |before, told| told.retain(|key| !has_owner(before, key)))
    }
}

#[async_trait]
impl Flaw for TellsTwice {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        saved(world, call, |_, told| told.extend_from_within(..))
    }
}

#[async_trait]
impl Flaw for TellsWhoCame {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        saved(world, call, |_, told| told.fill(*call.key))
    }
}

#[async_trait]
impl Flaw for TellsOfTheDead {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let before: Vec<Key> = sessions.map.keys().copied().collect();
            let revision = call.on(sessions)?;
            sessions.evicted = before.into_iter().filter(|key| !sessions.map.contains_key(key)).collect();
            Ok(revision)
        })
    }
}

#[async_trait]
impl Flaw for TellsOfTheDeleted {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        if world.with(|sessions| sessions.delete(key)) {
            tell_evicted(key);
        }
        Ok(())
    }
}

#[async_trait]
impl Flaw for TellsOfTheSwept {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        world.with(|sessions| {
            sessions.evicted = sessions.dead(now).take(limit).collect();
            Ok(sessions.delete_expired(now, limit))
        })
    }
}

#[async_trait]
impl Flaw for TellsAtEveryCreate {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        saved(world, call, |before, told| {
            let oldest = before.map.iter().min_by_key(|(_, stored)| stored.record.accessed_at);
            if told.is_empty() {
                told.extend(oldest.map(|(key, _)| *key));
            }
        })
    }
}

#[async_trait]
impl Flaw for TellsOfOneAtATime {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let mut told = Vec::new();
        let revision = saved(world, call, |_, evicted| told = mem::take(evicted))?;
        // Whoever writes in the meantime tells in its own name, and then nobody tells for the first.
        let writes = world.lock().memory.writes;
        super::super::pause();
        world.lock().memory.writes += 1;
        if world.lock().memory.writes == writes + 1 {
            told.iter().for_each(tell_evicted);
        }
        Ok(revision)
    }
}

#[async_trait]
impl Flaw for TellsUnderTheLock {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let mut sessions = world.lock();
        let saved = call.on(&mut sessions);
        mem::take(&mut sessions.evicted).iter().for_each(tell_evicted);
        let gone = mem::take(&mut sessions.gone);
        drop(sessions);
        drop(gone);
        saved
    }
}

/// Held by whoever saves, and by nobody who loads.
type Turn = Mutex<()>;

#[async_trait]
impl Flaw for TellsBeforeItIsGone {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let turn = world.part::<Turn>();
        let turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tried = world.lock().clone();
        if call.on(&mut tried).is_ok() {
            tried.evicted.iter().for_each(tell_evicted);
        }
        let saved = saved(world, call, |_, told| told.clear());
        drop(turn);
        saved
    }
}

#[async_trait]
impl Flaw for TellsOfDeletesWithoutACap {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        let has_no_cap = world.lock().max_sessions.is_none();
        if world.with(|sessions| sessions.delete(key)) && has_no_cap {
            tell_evicted(key);
        }
        Ok(())
    }
}

#[async_trait]
impl Flaw for TellsOfSweepsWithoutACap {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        world.with(|sessions| {
            if sessions.max_sessions.is_none() {
                sessions.evicted = sessions.dead(now).take(limit).collect();
            }
            Ok(sessions.delete_expired(now, limit))
        })
    }
}
