//! Flaws that show when a store is opened again.

use session_core::Revision;

use super::{Flaw, World, saboteurs};

saboteurs! {
    reopening_loses_everything ReopeningLosesEverything caught by "RST-001": "Opening again begins with nothing.";
    reopening_loses_one ReopeningLosesOne caught by "RST-001": "Opening again loses the session with the highest key.";
    reopening_loses_the_owners ReopeningLosesTheOwners caught by "RST-006": "Opening again loses whose the sessions are.";
    reopening_counts_from_one ReopeningCountsFromOne caught by "RST-003": "Opening again begins every revision at 1.";
    reopening_rounds_the_ends ReopeningRoundsTheEnds caught by "RST-001": "Opening again rounds the ends down to a second.";
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
