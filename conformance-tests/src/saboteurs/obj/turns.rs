//! Flaws of how objects go.

use async_trait::async_trait;
use session_core::{Key, Object, Result, Revision, Timestamp};

use crate::saboteurs::{Flaw, Gone, Put, Save, World, in_turn, saboteurs};

saboteurs! {
    objects_are_dropped_in_the_turn_of_writes ObjectsAreDroppedInTheTurnOfWrites caught by "OBJ-006": "Objects are dropped while creates, deletes and sweeps wait; others that ask for objects do not.";
    the_evicted_drop_in_the_turn_of_creates TheEvictedDropInTheTurnOfCreates caught by "OBJ-009": "Objects of evicted sessions are dropped while creates wait.";
    the_dead_leave_their_objects_as_they_make_room TheDeadLeaveTheirObjectsAsTheyMakeRoom caught by "OBJ-009": "A dead session that makes room leaves its objects to whoever is created under its key.";
}

#[async_trait]
impl Flaw for ObjectsAreDroppedInTheTurnOfWrites {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        in_turn(world, |sessions| call.on(sessions), Gone::drop_objects)
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        in_turn(world, |sessions| sessions.delete(key), Gone::drop_objects);
        Ok(())
    }

    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(in_turn(world, |sessions| sessions.delete_expired(now, limit), Gone::drop_objects))
    }

    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        in_turn(world, |sessions| call.on(sessions), Gone::drop_objects)
    }
}

#[async_trait]
impl Flaw for TheEvictedDropInTheTurnOfCreates {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        in_turn(world, |sessions| call.on(sessions), Gone::drop_objects)
    }
}

#[async_trait]
impl Flaw for TheDeadLeaveTheirObjectsAsTheyMakeRoom {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let dead: Vec<Key> = sessions.dead(call.now).collect();
            let before = sessions.objects.clone();
            let saved = call.on(sessions);
            let gone: Vec<Key> = dead.into_iter().filter(|key| !sessions.map.contains_key(key)).collect();
            let left = before.into_iter().filter(|((key, _), _)| gone.contains(key));
            sessions.objects.extend(left);
            saved
        })
    }
}
