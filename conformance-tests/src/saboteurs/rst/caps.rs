//! Flaws of a cap that is another one when the store is opened again.

use crate::saboteurs::{Flaw, World, saboteurs};

saboteurs! {
    the_first_cap_is_for_ever TheFirstCapIsForEver caught by "RST-011": "Opened again, the cap is that of the first opening.";
    no_cap_is_the_last_one NoCapIsTheLastOne caught by "RST-011": "Opened again without a cap, the last one counts.";
    a_smaller_cap_spares_those_there ASmallerCapSparesThoseThere caught by "RST-011": "Opened again with a smaller cap, as many may stay as are there.";
}

impl Flaw for TheFirstCapIsForEver {
    fn cap(&self, world: &World, max: usize) {
        world.lock().max_sessions.get_or_insert(max);
    }

    fn uncap(&self, _world: &World) {}
}

impl Flaw for NoCapIsTheLastOne {
    fn uncap(&self, _world: &World) {}
}

impl Flaw for ASmallerCapSparesThoseThere {
    fn cap(&self, world: &World, max: usize) {
        let mut sessions = world.lock();
        sessions.max_sessions = Some(max.max(sessions.map.len()));
    }
}
