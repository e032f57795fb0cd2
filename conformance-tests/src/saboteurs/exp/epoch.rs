//! Flaws of stores that take the epoch for no time at all.

use async_trait::async_trait;
use session_core::{Expect, Key, Record, Result, Revision, Timestamp};

use crate::{
    reference::Sessions,
    saboteurs::{Flaw, Save, Touch, World, saboteurs},
};

saboteurs! {
    at_the_epoch_the_dead_are_saved AtTheEpochTheDeadAreSaved caught by "EXP-014": "A save at the epoch replaces what ended at the epoch.";
    at_the_epoch_the_dead_are_touched AtTheEpochTheDeadAreTouched caught by "EXP-014": "A touch at the epoch takes what ended at the epoch for live.";
    an_access_at_the_epoch_is_none_given AnAccessAtTheEpochIsNoneGiven caught by "EXP-006": "A save with the epoch as the time of access keeps the one before.";
}

/// Has what ended at the epoch end a moment later, where it is the epoch.
fn revive(sessions: &mut Sessions, key: &Key, now: Timestamp) {
    let stored = sessions.map.get_mut(key).filter(|_| now == Timestamp::EPOCH);
    if let Some(stored) = stored.filter(|stored| stored.record.expires_at == now) {
        stored.record.expires_at = Timestamp::from_millis(1);
    }
}

#[async_trait]
impl Flaw for AtTheEpochTheDeadAreSaved {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            revive(sessions, call.key, call.now);
            call.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for AtTheEpochTheDeadAreTouched {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| {
            revive(sessions, call.key, call.now);
            call.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for AnAccessAtTheEpochIsNoneGiven {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let old = sessions.map.get(call.key).map(|stored| stored.record.accessed_at);
            match old.filter(|_| call.record.accessed_at == Timestamp::EPOCH && call.expect != Expect::Absent)
            {
                Some(accessed_at) => call.of(&Record { accessed_at, ..call.record.clone() }, sessions),
                None => call.on(sessions),
            }
        })
    }
}
