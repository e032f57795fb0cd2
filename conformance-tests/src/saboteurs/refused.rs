//! What a refused call leaves behind.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Owner, Result, Revision, Stored, Timestamp};

use super::{Flaw, Save, Touch, World, saboteurs};

saboteurs! {
    a_refused_create_hides_from_the_sweep ARefusedCreateHidesFromTheSweep caught by "ERR-003": "What a create was refused over is swept by nobody.";
    a_refused_touch_moves_the_sweep ARefusedTouchMovesTheSweep caught by "ERR-003": "A refused touch moves the end that a sweep goes by.";
    a_refused_create_ends_the_objects ARefusedCreateEndsTheObjects caught by "OBJ-004": "A create of a taken key drops the objects of the session.";
    a_conflict_ends_the_objects AConflictEndsTheObjects caught by "OBJ-004": "A save at another revision drops the objects of the session.";
    a_save_of_nothing_evicts ASaveOfNothingEvicts caught by "BND-006": "A save of a session that is not there makes room first.";
    a_refused_create_takes_up_room ARefusedCreateTakesUpRoom caught by "BND-012": "A create of a taken key counts as a session more.";
    a_refused_save_moves_the_owner ARefusedSaveMovesTheOwner caught by "MBT-005": "A save that is refused lists the session for the owner it names.";
}

/// Sessions that a sweep does not see.
type Hidden = Mutex<HashSet<Key>>;

#[async_trait]
impl Flaw for ARefusedCreateHidesFromTheSweep {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let hidden = world.part::<Hidden>();
        let saved = world.with(|sessions| call.on(sessions));
        let mut hidden = hidden.lock().unwrap_or_else(PoisonError::into_inner);
        match saved {
            Err(Error::Exists) => hidden.insert(*call.key),
            Err(_) => false,
            Ok(_) => hidden.remove(call.key),
        };
        saved
    }

    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let hidden = world.part::<Hidden>();
        let hidden = hidden.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(world.with(|sessions| {
            let dead: Vec<Key> = sessions.dead(now).filter(|key| !hidden.contains(key)).take(limit).collect();
            dead.iter().filter(|key| sessions.delete(key)).count()
        }))
    }
}

/// The ends that a sweep goes by, where they are not those of the records.
type Ends = Mutex<HashMap<Key, Timestamp>>;

#[async_trait]
impl Flaw for ARefusedTouchMovesTheSweep {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        let ends = world.part::<Ends>();
        let touched = world.with(|sessions| call.on(sessions));
        let mut ends = ends.lock().unwrap_or_else(PoisonError::into_inner);
        match touched {
            Err(_) => ends.insert(*call.key, call.expires_at),
            Ok(_) => ends.remove(call.key),
        };
        touched
    }

    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let ends = world.part::<Ends>();
        let ends = ends.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(world.with(|sessions| {
            let is_seen = |key: &Key| ends.get(key).is_none_or(|end| *end <= now);
            let dead: Vec<Key> = sessions.dead(now).filter(is_seen).take(limit).collect();
            dead.iter().filter(|key| sessions.delete(key)).count()
        }))
    }
}

#[async_trait]
impl Flaw for ARefusedCreateEndsTheObjects {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let saved = call.on(sessions);
            if let Err(Error::Exists) = saved {
                let ended = sessions.objects.extract_if(.., |(key, _), _| key == call.key);
                sessions.gone.extend(ended.map(|(_, object)| object));
            }
            saved
        })
    }
}

#[async_trait]
impl Flaw for AConflictEndsTheObjects {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let saved = call.on(sessions);
            if let Err(Error::Conflict) = saved {
                let ended = sessions.objects.extract_if(.., |(key, _), _| key == call.key);
                sessions.gone.extend(ended.map(|(_, object)| object));
            }
            saved
        })
    }
}

#[async_trait]
impl Flaw for ASaveOfNothingEvicts {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            if !sessions.map.contains_key(call.key) {
                sessions.make_room(call.now);
            }
            call.on(sessions)
        })
    }
}

/// How many creates were refused.
type Refused = Mutex<usize>;

#[async_trait]
impl Flaw for ARefusedCreateTakesUpRoom {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let refused = world.part::<Refused>();
        let mut refused = refused.lock().unwrap_or_else(PoisonError::into_inner);
        world.with(|sessions| {
            let max = sessions.max_sessions;
            sessions.max_sessions = max.map(|max| max.saturating_sub(*refused).max(1));
            let saved = call.on(sessions);
            sessions.max_sessions = max;
            *refused += usize::from(matches!(saved, Err(Error::Exists)));
            saved
        })
    }
}

/// For whom sessions are listed, where that is not their owner.
type Listed = Mutex<HashMap<Key, Option<Owner>>>;

#[async_trait]
impl Flaw for ARefusedSaveMovesTheOwner {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let listed = world.part::<Listed>();
        let saved = world.with(|sessions| call.on(sessions));
        let mut listed = listed.lock().unwrap_or_else(PoisonError::into_inner);
        match saved {
            Err(_) if call.expect != Expect::Absent => {
                listed.insert(*call.key, call.record.owner.clone());
            }
            _ => drop(listed.remove(call.key)),
        }
        saved
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let listed = world.part::<Listed>();
        let listed = listed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = world.lock().page(None, usize::MAX, now);
        all.retain(|(key, stored)| listed.get(key).unwrap_or(&stored.record.owner).as_ref() == Some(owner));
        Ok(all)
    }
}
