//! Flaws of openings that read owners and times as others.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Clock, Key, Owner, Result, Stored, SystemClock, Timestamp};

use crate::saboteurs::{Flaw, World, saboteurs};

saboteurs! {
    an_opening_goes_by_the_clock AnOpeningGoesByTheClock caught by "RST-012": "Opening again drops what the machine's clock says is dead.";
    reopening_ends_owners_at_a_line ReopeningEndsOwnersAtALine caught by "RST-001": "Opened again, an owner ends with the first line of the name.";
    reopening_takes_null_for_nobody ReopeningTakesNullForNobody caught by "RST-001": "Opened again, a session of somebody called null is nobody's.";
    reopening_lists_owners_up_to_a_comma ReopeningListsOwnersUpToAComma caught by "RST-006": "Opened again, the list of an owner is that of the name up to its first comma.";
    reopening_reads_times_as_doubles ReopeningReadsTimesAsDoubles caught by "RST-001": "Opened again, times are what a double keeps of them.";
}

impl Flaw for AnOpeningGoesByTheClock {
    fn reopen(&self, world: &World) {
        let now = SystemClock.now();
        world.with(|sessions| sessions.delete_expired(now, usize::MAX));
    }
}

/// Reads all owners again.
fn read_owners(world: &World, read: impl Fn(&str) -> Option<&str>) {
    for stored in world.lock().map.values_mut() {
        let name = stored.record.owner.as_ref().and_then(|owner| read(owner.as_str()));
        stored.record.owner = name.and_then(|name| Owner::new(name).ok());
    }
}

impl Flaw for ReopeningEndsOwnersAtALine {
    fn reopen(&self, world: &World) {
        read_owners(world, |name| name.split('\n').next());
    }
}

impl Flaw for ReopeningTakesNullForNobody {
    fn reopen(&self, world: &World) {
        read_owners(world, |name| Some(name).filter(|name| *name != "null"));
    }
}

/// Whose the sessions are by the last opening.
type Listed = Mutex<HashMap<Key, String>>;

#[async_trait]
impl Flaw for ReopeningListsOwnersUpToAComma {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let listed = world.part::<Listed>();
        let mut owned = world.lock().owned_by(owner, now);
        let listed = listed.lock().unwrap_or_else(PoisonError::into_inner);
        owned.retain(|(key, _)| listed.get(key).is_none_or(|name| name == owner.as_str()));
        Ok(owned)
    }

    fn reopen(&self, world: &World) {
        let read = |(key, stored): (&Key, &Stored)| {
            let name = stored.record.owner.as_ref()?.as_str();
            Some((*key, name.split(',').next().unwrap_or(name).to_owned()))
        };
        let read = world.lock().map.iter().filter_map(read).collect();
        *world.part::<Listed>().lock().unwrap_or_else(PoisonError::into_inner) = read;
    }
}

impl Flaw for ReopeningReadsTimesAsDoubles {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "that is the flaw")]
    fn reopen(&self, world: &World) {
        for stored in world.lock().map.values_mut() {
            let expires_at = stored.record.expires_at.as_millis() as f64;
            stored.record.expires_at = Timestamp::from_millis(expires_at as i64);
        }
    }
}
