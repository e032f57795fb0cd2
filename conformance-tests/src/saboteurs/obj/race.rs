//! Flaws of objects that many threads put.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    thread::{self, ThreadId},
};

use session_core::{Error, Key, Object, Result, Timestamp};

use crate::saboteurs::{Flaw, Put, World, pause, saboteurs};

saboteurs! {
    puts_in_two_steps PutsInTwoSteps caught by "OBJ-011": "What an object replaces is looked up before it is put.";
    objects_stay_in_their_thread ObjectsStayInTheirThread caught by "OBJ-011": "An object is found by the thread that put it.";
    puts_after_a_look PutsAfterALook caught by "OBJ-012": "An object is put a moment after its session was seen.";
}

impl Flaw for PutsInTwoSteps {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        let replaced = world.lock().object(call.key, call.name, call.now);
        pause();
        world.with(|sessions| call.on(sessions)).map(|_| replaced)
    }
}

/// Who put an object.
type Threads = Mutex<HashMap<(Key, String), ThreadId>>;

impl Flaw for ObjectsStayInTheirThread {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        let threads = world.part::<Threads>();
        let mut threads = threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.insert((*call.key, call.name.to_owned()), thread::current().id());
        world.with(|sessions| call.on(sessions))
    }

    fn object(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        let threads = world.part::<Threads>();
        let threads = threads.lock().unwrap_or_else(PoisonError::into_inner);
        let is_ours = threads.get(&(*key, name.to_owned())) == Some(&thread::current().id());
        world.lock().object(key, name, now).filter(|_| is_ours)
    }
}

impl Flaw for PutsAfterALook {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        let Put { key, name, object, now } = call;
        world.lock().live(key, now).ok_or(Error::Missing)?;
        pause();
        Ok(world.lock().objects.insert((*key, name.to_owned()), object))
    }
}
