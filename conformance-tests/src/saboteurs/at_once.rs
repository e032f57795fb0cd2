//! Flaws of stores that answer at once, in that way alone.

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Result, Revision, Stored, Timestamp};

use super::{Flaw, Save, World, saboteurs};

saboteurs! {
    the_dead_are_found_at_once TheDeadAreFoundAtOnce caught by "EXP-001": "Whoever asks at once finds dead sessions.";
    saves_at_once_create SavesAtOnceCreate caught by "CRUD-009": "A save at once creates what is not there.";
    saves_at_once_are_blind SavesAtOnceAreBlind caught by "CAS-001": "A save at once looks at no revision.";
    saves_at_once_are_lost SavesAtOnceAreLost caught by "CRUD-003": "A save at once is answered and not kept.";
}

#[async_trait]
impl Flaw for TheDeadAreFoundAtOnce {
    fn answers_at_once(&self) -> bool {
        true
    }

    fn load_at_once(&self, world: &World, key: &Key, _: Timestamp) -> Result<Option<Stored>> {
        world.lock().load(key, Timestamp::EPOCH)
    }
}

#[async_trait]
impl Flaw for SavesAtOnceCreate {
    fn answers_at_once(&self) -> bool {
        true
    }

    fn save_at_once(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| match call.on(sessions) {
            Err(Error::Missing) => Save { expect: Expect::Absent, ..call }.on(sessions),
            answer => answer,
        })
    }
}

#[async_trait]
impl Flaw for SavesAtOnceAreBlind {
    fn answers_at_once(&self) -> bool {
        true
    }

    fn save_at_once(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let found = sessions.load(call.key, call.now)?.map(|stored| Expect::Revision(stored.revision));
            match call.expect {
                Expect::Absent => call.on(sessions),
                Expect::Revision(_) => Save { expect: found.unwrap_or(call.expect), ..call }.on(sessions),
            }
        })
    }
}

#[async_trait]
impl Flaw for SavesAtOnceAreLost {
    fn answers_at_once(&self) -> bool {
        true
    }

    fn save_at_once(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Expect::Revision(expect) = call.expect else { return world.with(|sessions| call.on(sessions)) };
        let found = world.lock().load(call.key, call.now)?.map(|stored| stored.revision);
        call.expect.judge(found, expect)
    }
}
