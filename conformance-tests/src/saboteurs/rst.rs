//! Flaws that show when a store is opened again.

pub(super) mod caps;
pub(super) mod lists;
pub(super) mod many;
pub(super) mod odd;
pub(super) mod room;

use async_trait::async_trait;
use session_core::{Result, Revision};

use super::{Flaw, Save, World, saboteurs};

saboteurs! {
    reopening_loses_everything ReopeningLosesEverything caught by "RST-001": "Opening again begins with nothing.";
    reopening_loses_one ReopeningLosesOne caught by "RST-001": "Opening again loses the session with the highest key.";
    reopening_loses_the_owners ReopeningLosesTheOwners caught by "RST-006": "Opening again loses whose the sessions are.";
    reopening_counts_from_one ReopeningCountsFromOne caught by "RST-003": "Opening again begins every revision at 1.";
    reopening_rounds_the_ends ReopeningRoundsTheEnds caught by "RST-001": "Opening again rounds the ends down to a second.";
    reopening_brings_back_the_evicted ReopeningBringsBackTheEvicted caught by "RST-008": "Opening again finds what was evicted.";
    reopening_forgets_who_takes_room ReopeningForgetsWhoTakesRoom caught by "RST-008": "Opened again, the cap counts what was created since.";
    reopening_cuts_large_data ReopeningCutsLargeData caught by "RST-009": "Opening again finds a mebibyte of the data at most.";
}

impl Flaw for ReopeningLosesEverything {
    fn reopen(&self, world: &World) {
        world.lock().map.clear();
    }
}

impl Flaw for ReopeningLosesOne {
    fn reopen(&self, world: &World) {
        world.lock().map.pop_last();
    }
}

impl Flaw for ReopeningLosesTheOwners {
    fn reopen(&self, world: &World) {
        world.lock().map.values_mut().for_each(|stored| stored.record.owner = None);
    }
}

impl Flaw for ReopeningCountsFromOne {
    fn reopen(&self, world: &World) {
        let one = Revision::from_i64(1);
        world
            .lock()
            .map
            .values_mut()
            .for_each(|stored| stored.revision = one.clone().unwrap_or(stored.revision));
    }
}

impl Flaw for ReopeningRoundsTheEnds {
    fn reopen(&self, world: &World) {
        for stored in world.lock().map.values_mut() {
            let millis = stored.record.expires_at.as_millis();
            stored.record.expires_at = session_core::Timestamp::from_millis(millis / 1_000 * 1_000);
        }
    }
}

#[async_trait]
impl Flaw for ReopeningBringsBackTheEvicted {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let before = sessions.map.clone();
            let revision = call.on(sessions)?;
            let evicted = before.into_iter().filter(|(key, _)| !sessions.map.contains_key(key));
            sessions.memory.copies.extend(evicted);
            Ok(revision)
        })
    }

    fn reopen(&self, world: &World) {
        let mut sessions = world.lock();
        let evicted = std::mem::take(&mut sessions.memory.copies);
        sessions.map.extend(evicted);
    }
}

impl Flaw for ReopeningForgetsWhoTakesRoom {
    fn cap(&self, world: &World, max: usize) {
        let mut sessions = world.lock();
        sessions.max_sessions = Some(max + sessions.map.len());
    }
}

impl Flaw for ReopeningCutsLargeData {
    fn reopen(&self, world: &World) {
        for stored in world.lock().map.values_mut() {
            stored.record.data.truncate(1 << 20);
        }
    }
}
