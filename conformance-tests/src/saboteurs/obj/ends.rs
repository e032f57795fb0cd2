//! Flaws of objects whose session ends elsewhere than it was to end when they were put.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Key, Object, Result, Timestamp};

use crate::saboteurs::{Flaw, Put, World, saboteurs};

saboteurs! {
    objects_die_at_the_end_they_were_put_with ObjectsDieAtTheEndTheyWerePutWith caught by "OBJ-004": "An object dies at the end that its session had when it was put.";
    objects_live_to_the_end_they_were_put_with ObjectsLiveToTheEndTheyWerePutWith caught by "OBJ-004": "An object is found until the end that its session had when it was put.";
    a_sweep_ends_objects_by_their_own_end ASweepEndsObjectsByTheirOwnEnd caught by "OBJ-004": "A sweep drops an object at the end that its session had when it was put.";
    a_delete_ends_the_objects_of_its_handle ADeleteEndsTheObjectsOfItsHandle caught by "OBJ-013": "Each handle has objects of its own, and ends those alone.";
}

/// When the session of each object was to end when it was put.
type Ends = Mutex<HashMap<(Key, String), Timestamp>>;

/// Puts an object, and keeps the end that its session has now.
fn put(world: &World, call: Put<'_>) -> Result<Option<Object>> {
    world.with(|sessions| {
        let end = sessions.map.get(call.key).map(|stored| stored.record.expires_at);
        let ends = world.part::<Ends>();
        let mut ends = ends.lock().unwrap_or_else(PoisonError::into_inner);
        ends.extend(end.map(|end| ((*call.key, call.name.to_owned()), end)));
        call.on(sessions)
    })
}

/// Returns the end that the session of an object had when it was put.
fn end(world: &World, key: &Key, name: &str) -> Option<Timestamp> {
    let ends = world.part::<Ends>();
    let ends = ends.lock().unwrap_or_else(PoisonError::into_inner);
    ends.get(&(*key, name.to_owned())).copied()
}

impl Flaw for ObjectsDieAtTheEndTheyWerePutWith {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        put(world, call)
    }

    fn object(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        end(world, key, name).filter(|end| now < *end)?;
        world.lock().object(key, name, now)
    }
}

impl Flaw for ObjectsLiveToTheEndTheyWerePutWith {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        put(world, call)
    }

    fn object(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        let lives = end(world, key, name).is_some_and(|end| now < end);
        world.lock().object(key, name, if lives { Timestamp::EPOCH } else { now })
    }
}

#[async_trait]
impl Flaw for ASweepEndsObjectsByTheirOwnEnd {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        put(world, call)
    }

    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| {
            let is_over = |(key, name): &(Key, String)| end(world, key, name).is_some_and(|end| end <= now);
            let ended = sessions.objects.extract_if(.., |it, _| is_over(it)).map(|(_, object)| object);
            let ended: Vec<Object> = ended.collect();
            sessions.gone.extend(ended);
            sessions.delete_expired(now, limit)
        }))
    }
}

/// Returns the name under which a handle keeps an object.
fn own(world: &World, name: &str) -> String {
    format!("{} {name}", world.opening)
}

#[async_trait]
impl Flaw for ADeleteEndsTheObjectsOfItsHandle {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        let name = &own(world, call.name);
        world.with(|sessions| Put { name, ..call }.on(sessions))
    }

    fn object(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        world.lock().object(key, &own(world, name), now)
    }

    fn remove(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        world.lock().remove(key, &own(world, name), now)
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        world.with(|sessions| {
            let is_anothers = |name: &str| !name.starts_with(&own(world, ""));
            let kept =
                sessions.objects.extract_if(.., |(session, name), _| session == key && is_anothers(name));
            let kept: Vec<_> = kept.collect();
            sessions.delete(key);
            sessions.objects.extend(kept);
        });
        Ok(())
    }
}
