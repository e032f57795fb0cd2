//! Flaws of telling who was evicted where the call is dropped.

use std::mem;

use async_trait::async_trait;
use session_core::{Result, Revision, tell_evicted};

use crate::saboteurs::{Flaw, Save, World, interlude, saboteurs};

saboteurs! {
    a_dropped_create_tells_nobody ADroppedCreateTellsNobody caught by "CAN-012": "A create that is dropped half-way has evicted a session and tells nobody.";
}

#[async_trait]
impl Flaw for ADroppedCreateTellsNobody {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let mut evicted = Vec::new();
        let saved = world.with(|sessions| {
            let saved = call.on(sessions);
            evicted = mem::take(&mut sessions.evicted);
            saved
        });
        if !evicted.is_empty() {
            interlude().await;
            evicted.iter().for_each(tell_evicted);
        }
        saved
    }
}
