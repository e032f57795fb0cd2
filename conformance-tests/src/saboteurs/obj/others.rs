//! Flaws of objects that show beside other objects.

use std::{any::TypeId, sync::Arc};

use async_trait::async_trait;
use session_core::{Key, Object, Result, Stored, Timestamp};

use crate::saboteurs::{Flaw, Put, World, saboteurs};

saboteurs! {
    objects_have_a_type_too ObjectsHaveATypeToo caught by "OBJ-002": "An object of another type does not replace the one of its name.";
    a_delete_ends_all_objects ADeleteEndsAllObjects caught by "OBJ-010": "A delete drops the objects of every session.";
    a_remove_takes_it_from_everybody ARemoveTakesItFromEverybody caught by "OBJ-010": "A remove takes the object of that name from every session.";
    objects_die_when_looked_at_late ObjectsDieWhenLookedAtLate caught by "OBJ-003": "Asking for an object of a dead session drops it.";
    an_object_is_everybodys AnObjectIsEverybodys caught by "OBJ-010": "An object is found by its name in every session.";
    a_refused_object_stays ARefusedObjectStays caught by "OBJ-003": "An object for an absent session is refused, and there when the session comes.";
    removing_nothing_removes_all RemovingNothingRemovesAll caught by "OBJ-001": "To remove what nobody put removes all objects of the session.";
    object_names_have_64_bytes ObjectNamesHave64Bytes caught by "OBJ-001": "Names of objects end after 64 bytes.";
    object_names_are_composed ObjectNamesAreComposed caught by "OBJ-001": "Names of objects are compared when their accents are put together.";
    a_sweep_counts_the_objects ASweepCountsTheObjects caught by "OBJ-005": "A sweep counts the objects of what it deletes as well.";
    a_late_load_ends_the_objects ALateLoadEndsTheObjects caught by "OBJ-003": "Loading a dead session drops its objects.";
    a_refused_object_replaces_all_the_same ARefusedObjectReplacesAllTheSame caught by "OBJ-003": "An object for a dead session is refused, and takes the place of the one before.";
    the_refused_are_dropped_under_the_lock TheRefusedAreDroppedUnderTheLock caught by "OBJ-006": "A refused object is dropped while the store is locked.";
}

/// Returns the name under which an object of its type is kept.
fn typed(name: &str, object: &Object) -> String {
    // Deref to the object itself: the pointer has a type of its own.
    let kind = std::any::Any::type_id(&**object);
    if kind == TypeId::of::<i32>() { name.to_owned() } else { format!("{name} {kind:?}") }
}

impl Flaw for ObjectsHaveATypeToo {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        let name = &typed(call.name, &call.object);
        world.with(|sessions| Put { name, ..call }.on(sessions))
    }

    fn object(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        let sessions = world.lock();
        let name = find(&sessions, key, name)?;
        sessions.object(key, &name, now)
    }

    fn remove(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        let mut sessions = world.lock();
        let name = find(&sessions, key, name)?;
        sessions.remove(key, &name, now)
    }
}

/// Finds the first object of that name, whatever its type.
fn find(sessions: &crate::reference::Sessions, key: &Key, name: &str) -> Option<String> {
    let begin = format!("{name} TypeId");
    let mut names = sessions.objects.keys().filter(|(session, _)| session == key).map(|(_, name)| name);
    names.find(|other| *other == name || other.starts_with(&begin)).cloned()
}

#[async_trait]
impl Flaw for ADeleteEndsAllObjects {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        world.with(|sessions| {
            sessions.delete(key);
            let ended = std::mem::take(&mut sessions.objects);
            sessions.gone.extend(ended.into_values());
        });
        Ok(())
    }
}

impl Flaw for ARemoveTakesItFromEverybody {
    fn remove(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        world.with(|sessions| {
            let removed = sessions.remove(key, name, now)?;
            let ended: Vec<Object> = sessions
                .objects
                .extract_if(.., |(_, other), _| other == name)
                .map(|(_, object)| object)
                .collect();
            sessions.gone.extend(ended);
            Some(removed)
        })
    }
}

impl Flaw for ObjectsDieWhenLookedAtLate {
    fn object(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        world.with(|sessions| {
            let found = sessions.object(key, name, now);
            if found.is_none() {
                sessions.gone.extend(sessions.objects.remove(&(*key, name.to_owned())));
            }
            found.as_ref().map(Arc::clone)
        })
    }
}

#[async_trait]
impl Flaw for ALateLoadEndsTheObjects {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        world.with(|sessions| {
            if sessions.live(key, now).is_none() {
                let ended = sessions.objects.extract_if(.., |(session, _), _| session == key);
                sessions.gone.extend(ended.map(|(_, object)| object));
            }
            sessions.load(key, now)
        })
    }
}

impl Flaw for AnObjectIsEverybodys {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        let replaced = self.object(world, call.key, call.name, call.now);
        world.with(|sessions| call.on(sessions)).map(|_| replaced)
    }

    fn object(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        let sessions = world.lock();
        sessions.live(key, now)?;
        sessions.objects.iter().find(|((_, other), _)| other == name).map(|(_, object)| Arc::clone(object))
    }
}

impl Flaw for ARefusedObjectStays {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        let Put { key, name, object, now } = call;
        world.with(|sessions| {
            let put = sessions.put(key, name, Arc::clone(&object), now);
            if put.is_err() && !sessions.map.contains_key(key) {
                sessions.objects.insert((*key, name.to_owned()), object);
            }
            put
        })
    }
}

impl Flaw for RemovingNothingRemovesAll {
    fn remove(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        world.with(|sessions| {
            let removed = sessions.remove(key, name, now);
            if removed.is_none() {
                let ended = sessions.objects.extract_if(.., |(session, _), _| session == key);
                sessions.gone.extend(ended.map(|(_, object)| object));
            }
            removed
        })
    }
}

impl Flaw for ObjectNamesHave64Bytes {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        let name = call.name.get(..64).unwrap_or(call.name);
        world.with(|sessions| Put { name, ..call }.on(sessions))
    }

    fn object(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        world.lock().object(key, name.get(..64).unwrap_or(name), now)
    }
}

impl Flaw for ObjectNamesAreComposed {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        let name = &call.name.replace("e\u{301}", "\u{e9}");
        world.with(|sessions| Put { name, ..call }.on(sessions))
    }

    fn object(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        world.lock().object(key, &name.replace("e\u{301}", "\u{e9}"), now)
    }
}

#[async_trait]
impl Flaw for ASweepCountsTheObjects {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| {
            let before = sessions.objects.len();
            sessions.delete_expired(now, limit) + before - sessions.objects.len()
        }))
    }
}

impl Flaw for ARefusedObjectReplacesAllTheSame {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        let Put { key, name, object, now } = call;
        world.with(|sessions| {
            let put = sessions.put(key, name, Arc::clone(&object), now);
            if put.is_err() && sessions.map.contains_key(key) {
                sessions.gone.extend(sessions.objects.insert((*key, name.to_owned()), object));
            }
            put
        })
    }
}

impl Flaw for TheRefusedAreDroppedUnderTheLock {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        let mut sessions = world.lock();
        let put = call.on(&mut sessions);
        sessions.gone.clear();
        put
    }
}
