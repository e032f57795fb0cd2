//! Flaws of calls for different sessions that meet.

use async_trait::async_trait;
use session_core::{Key, Result, Revision};

use crate::saboteurs::{Flaw, Touch, World, pause, saboteurs};

saboteurs! {
    a_touch_writes_the_others_back ATouchWritesTheOthersBack caught by "LIN-008": "A touch reads all sessions and writes them back a moment later.";
    a_delete_writes_the_others_back ADeleteWritesTheOthersBack caught by "LIN-008": "A delete reads all sessions and writes the others back a moment later.";
}

#[async_trait]
impl Flaw for ATouchWritesTheOthersBack {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        let read = world.lock().map.clone();
        pause();
        world.with(|sessions| {
            let revision = call.on(sessions)?;
            for (key, stored) in read.into_iter().filter(|(key, _)| key != call.key) {
                sessions.map.entry(key).and_modify(|there| *there = stored);
            }
            Ok(revision)
        })
    }
}

#[async_trait]
impl Flaw for ADeleteWritesTheOthersBack {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        let read = world.lock().map.clone();
        pause();
        world.with(|sessions| {
            sessions.delete(key);
            for (other, stored) in read.into_iter().filter(|(other, _)| other != key) {
                sessions.map.entry(other).and_modify(|there| *there = stored);
            }
        });
        Ok(())
    }
}
