//! Flaws of single answers and writes, which show when requests of the core meet.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Owner, Record, Result, Revision, Stored, Timestamp};

use super::{Flaw, Save, Touch, World, saboteurs};

saboteurs! {
    landed_is_a_conflict LandedIsAConflict caught by "COM-008": "Every fourth save lands and is answered as a conflict.";
    landed_is_not_applied LandedIsNotApplied caught by "COM-009": "Every fourth save lands and is answered as not applied.";
    kept_by_chance KeptByChance caught by "COM-008": "Every fourth save is answered Ok and not kept.";
    every_second_create_is_lost EverySecondCreateIsLost caught by "COM-013": "Every second create is answered Ok and not kept.";
    the_revision_before_fits TheRevisionBeforeFits caught by "ROT-004": "Two saves at one revision are both answered Ok.";
    conflict_is_exists ConflictIsExists caught by "ROT-001": "A save at a wrong revision answers that the key is taken.";
    save_of_nothing_is_ok SaveOfNothingIsOk caught by "KIL-001": "A save on a session that was deleted is answered Ok.";
    touch_of_nothing_is_ok TouchOfNothingIsOk caught by "KIL-006": "A touch of what is not there creates an empty session.";
    equal_length_is_no_change EqualLengthIsNoChange caught by "COM-008": "A save of data as long as the old ones keeps the old ones.";
    same_instant_is_no_change SameInstantIsNoChange caught by "COO-001": "Of two saves within a millisecond the second one is not kept.";
    data_end_at_64_kib DataEndAt64Kib caught by "COM-012": "Data end after 65,535 bytes.";
    times_are_in_seconds TimesAreInSeconds caught by "COM-005": "Times are kept in whole seconds.";
    delete_takes_all_of_the_owner DeleteTakesAllOfTheOwner caught by "KIL-007": "A delete takes all sessions of the owner.";
    owners_are_all_alike OwnersAreAllAlike caught by "KIL-007": "An owner's list has the sessions of all owners.";
    missing_at_the_third_save MissingAtTheThirdSave caught by "ROT-011": "A session that was saved twice is missing for the third save.";
    a_load_is_an_access ALoadIsAnAccess caught by "COM-007": "A load sets the time of access.";
}

/// Returns whether it is the turn of every fourth write.
fn is_fourth(revision: Revision) -> bool {
    revision.as_i64() % 4 == 0
}

#[async_trait]
impl Flaw for LandedIsAConflict {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let revision = world.with(|sessions| call.on(sessions))?;
        if call.expect != Expect::Absent && is_fourth(revision) { Err(Error::Conflict) } else { Ok(revision) }
    }
}

#[async_trait]
impl Flaw for LandedIsNotApplied {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let revision = world.with(|sessions| call.on(sessions))?;
        if call.expect != Expect::Absent && is_fourth(revision) {
            return Err(Error::backend("a saboteur", "save a session", "the answer is lost"));
        }
        Ok(revision)
    }
}

#[async_trait]
impl Flaw for KeptByChance {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let revision = sessions.judge(call.key, call.expect, call.now)?;
            match call.expect {
                Expect::Revision(_) if is_fourth(revision) => Ok(revision),
                _ => call.on(sessions),
            }
        })
    }
}

/// How often each session was saved.
type Saves = Mutex<HashMap<Key, u32>>;

#[async_trait]
impl Flaw for MissingAtTheThirdSave {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let saves = world.part::<Saves>();
        let mut saves = saves.lock().unwrap_or_else(PoisonError::into_inner);
        let saves = saves.entry(*call.key).or_default();
        if call.expect != Expect::Absent && *saves >= 2 {
            return Err(Error::Missing);
        }
        let revision = world.with(|sessions| call.on(sessions))?;
        *saves += 1;
        Ok(revision)
    }
}

#[async_trait]
impl Flaw for EverySecondCreateIsLost {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let revision = call.on(sessions)?;
            let created = &mut sessions.memory.created;
            created.extend(Some(*call.key).filter(|_| call.expect == Expect::Absent));
            if call.expect == Expect::Absent && created.len() % 2 == 0 {
                sessions.delete(call.key);
            }
            Ok(revision)
        })
    }
}

#[async_trait]
impl Flaw for TheRevisionBeforeFits {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let found = sessions.live(call.key, call.now).map(|stored| stored.revision);
            let expect = match (call.expect, found) {
                (Expect::Revision(named), Some(found)) if named.next()? == found => Expect::Revision(found),
                (expect, _) => expect,
            };
            Save { expect, ..call }.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for ConflictIsExists {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        match world.with(|sessions| call.on(sessions)) {
            Err(Error::Conflict) => Err(Error::Exists),
            answer => answer,
        }
    }
}

#[async_trait]
impl Flaw for SaveOfNothingIsOk {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        match (world.with(|sessions| call.on(sessions)), call.expect) {
            (Err(Error::Missing), Expect::Revision(revision)) => revision.next(),
            (answer, _) => answer,
        }
    }
}

#[async_trait]
impl Flaw for TouchOfNothingIsOk {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let Touch { key, expect, accessed_at, expires_at, now } = call;
            if sessions.live(key, now).is_some() {
                return call.on(sessions);
            }
            let record = Record { data: Vec::new().into(), accessed_at, expires_at, owner: None };
            sessions.map.insert(*key, Stored { record, revision: expect.next()? });
            expect.next()
        })
    }
}

/// Keeps the old data where `same` says that nothing changed.
fn save_unless(world: &World, call: Save<'_>, same: impl Fn(&Record, &Record) -> bool) -> Result<Revision> {
    world.with(|sessions| {
        let old = sessions.live(call.key, call.now).map(|stored| stored.record.clone());
        match old.filter(|old| call.expect != Expect::Absent && same(old, call.record)) {
            Some(old) => call.of(&Record { data: old.data, ..call.record.clone() }, sessions),
            None => call.on(sessions),
        }
    })
}

#[async_trait]
impl Flaw for EqualLengthIsNoChange {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save_unless(world, call, |old, new| old.data.len() == new.data.len())
    }
}

#[async_trait]
impl Flaw for SameInstantIsNoChange {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save_unless(world, call, |old, new| old.accessed_at == new.accessed_at)
    }
}

#[async_trait]
impl Flaw for DataEndAt64Kib {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let data = call.record.data.slice(..call.record.data.len().min(65_535));
        world.with(|sessions| call.of(&Record { data, ..call.record.clone() }, sessions))
    }
}

#[async_trait]
impl Flaw for TimesAreInSeconds {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Record { accessed_at, expires_at, .. } = *call.record;
        let (accessed_at, expires_at) = (in_seconds(accessed_at), in_seconds(expires_at));
        world.with(|sessions| call.of(&Record { accessed_at, expires_at, ..call.record.clone() }, sessions))
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        let (accessed_at, expires_at) = (in_seconds(call.accessed_at), in_seconds(call.expires_at));
        world.with(|sessions| Touch { accessed_at, expires_at, ..call }.on(sessions))
    }
}

fn in_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millis(time.as_millis() / 1_000 * 1_000)
}

#[async_trait]
impl Flaw for DeleteTakesAllOfTheOwner {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        world.with(|sessions| {
            let owner = sessions.map.get(key).and_then(|stored| stored.record.owner.clone());
            sessions.delete(key);
            if owner.is_some() {
                sessions.map.retain(|_, stored| stored.record.owner != owner);
            }
        });
        Ok(())
    }
}

#[async_trait]
impl Flaw for OwnersAreAllAlike {
    async fn owned_by(&self, world: &World, _: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let mut listed = world.lock().page(None, usize::MAX, now);
        listed.retain(|(_, stored)| stored.record.owner.is_some());
        Ok(listed)
    }
}

#[async_trait]
impl Flaw for ALoadIsAnAccess {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let mut sessions = world.lock();
        if let Some(stored) = sessions.map.get_mut(key).filter(|stored| stored.record.is_live(now)) {
            stored.record.accessed_at = now;
        }
        sessions.load(key, now)
    }
}
