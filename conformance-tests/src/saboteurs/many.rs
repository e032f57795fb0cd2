//! Flaws that begin with many: sessions, writes, objects.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Expect, Key, Object, Owner, Result, Revision, Stored, Timestamp};

use super::{Flaw, Page, Put, Save, Touch, World, saboteurs};
use crate::reference::Sessions;

saboteurs! {
    owners_list_of_a_hundred OwnersListOfAHundred caught by "LST-016": "An owner's list has a hundred sessions at most.";
    sweeps_a_hundred_at_a_time SweepsAHundredAtATime caught by "GC-011": "A sweep deletes a hundred at most, whatever its limit.";
    counts_in_a_byte CountsInAByte caught by "LST-016": "The count begins again after 255.";
    keeps_two_hundred KeepsTwoHundred caught by "CRUD-013": "Of more than two hundred sessions the one with the lowest key is dropped.";
    every_hundredth_save_is_lost EveryHundredthSaveIsLost caught by "CAS-016": "Every hundredth save of a session is answered Ok and not kept.";
    every_fiftieth_touch_is_lost EveryFiftiethTouchIsLost caught by "CAS-016": "Every fiftieth touch of a session is answered Ok and not made.";
    hundreds_of_writes_open_the_door HundredsOfWritesOpenTheDoor caught by "CAS-016": "A session that was written 250 times takes any revision.";
    a_cap_in_a_byte ACapInAByte caught by "BND-011": "Of a cap only the lowest byte is kept.";
    owners_list_of_1250 OwnersListOf1250 caught by "CRUD-013": "An owner's list has 1,250 sessions at most.";
    an_owners_list_gives_up_after_64_dead AnOwnersListGivesUpAfter64Dead caught by "LST-016": "An owner's list ends where 64 dead were passed over.";
    a_count_gives_up_after_a_hundred_dead ACountGivesUpAfterAHundredDead caught by "LST-016": "A count ends where a hundred dead were passed over.";
    a_page_gives_up_after_a_thousand_dead APageGivesUpAfterAThousandDead caught by "GC-011": "A page ends where a thousand dead were passed over.";
    a_count_ends_at_two_thousand ACountEndsAtTwoThousand caught by "CRUD-013": "The count is two thousand at most.";
    pages_end_at_four_thousand PagesEndAtFourThousand caught by "CRUD-013": "No page shows more than the first 4,096 sessions.";
    eight_objects_are_enough EightObjectsAreEnough caught by "OBJ-008": "A session keeps eight objects; a further one takes the place of another.";
}

#[async_trait]
impl Flaw for OwnersListOfAHundred {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let mut listed = world.lock().owned_by(owner, now);
        listed.truncate(100);
        Ok(listed)
    }
}

#[async_trait]
impl Flaw for SweepsAHundredAtATime {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| sessions.delete_expired(now, limit.min(100))))
    }
}

#[async_trait]
impl Flaw for CountsInAByte {
    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(world.lock().count(now) % 256)
    }
}

#[async_trait]
impl Flaw for ACountEndsAtTwoThousand {
    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(world.lock().count(now).min(2_000))
    }
}

#[async_trait]
impl Flaw for PagesEndAtFourThousand {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let Page { after, limit, now } = call;
        let mut page = world.lock().page(None, 4_096, now);
        page.retain(|(key, _)| after.is_none_or(|after| key > after));
        page.truncate(limit);
        Ok(page)
    }
}

#[async_trait]
impl Flaw for KeepsTwoHundred {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let revision = call.on(sessions);
            let lowest = sessions.map.keys().next().copied().filter(|_| sessions.map.len() > 200);
            lowest.map(|lowest| sessions.delete(&lowest));
            revision
        })
    }
}

/// How often each session was written.
type Writes = Mutex<HashMap<Key, u32>>;

fn is_turn(world: &World, key: &Key, turn: u32) -> bool {
    let writes = world.part::<Writes>();
    let mut writes = writes.lock().unwrap_or_else(PoisonError::into_inner);
    let writes = writes.entry(*key).or_default();
    *writes += 1;
    writes.is_multiple_of(turn)
}

#[async_trait]
impl Flaw for EveryHundredthSaveIsLost {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let revision = sessions.judge(call.key, call.expect, call.now)?;
            if call.expect == Expect::Absent || !is_turn(world, call.key, 100) {
                return call.on(sessions);
            }
            sessions.map.entry(*call.key).and_modify(|stored| stored.revision = revision);
            Ok(revision)
        })
    }
}

#[async_trait]
impl Flaw for EveryFiftiethTouchIsLost {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let revision = sessions.judge(call.key, Expect::Revision(call.expect), call.now)?;
            if !is_turn(world, call.key, 50) {
                return call.on(sessions);
            }
            sessions.map.entry(*call.key).and_modify(|stored| stored.revision = revision);
            Ok(revision)
        })
    }
}

impl HundredsOfWritesOpenTheDoor {
    /// Counts a write, and returns the revision that fits where there were many.
    fn fitting(world: &World, key: &Key, expected: Revision) -> Revision {
        let writes = world.part::<Writes>();
        let mut writes = writes.lock().unwrap_or_else(PoisonError::into_inner);
        let count = writes.entry(*key).or_default();
        *count += 1;
        let there = world.lock().map.get(key).map(|stored| stored.revision);
        there.filter(|_| *count > 250).unwrap_or(expected)
    }
}

#[async_trait]
impl Flaw for HundredsOfWritesOpenTheDoor {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Expect::Revision(expected) = call.expect else { return world.with(|sessions| call.on(sessions)) };
        let expect = Expect::Revision(Self::fitting(world, call.key, expected));
        world.with(|sessions| Save { expect, ..call }.on(sessions))
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        let expect = Self::fitting(world, call.key, call.expect);
        world.with(|sessions| Touch { expect, ..call }.on(sessions))
    }
}

impl Flaw for ACapInAByte {
    fn cap(&self, world: &World, max: usize) {
        world.lock().max_sessions = Some(max % 256);
    }
}

impl Flaw for EightObjectsAreEnough {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        world.with(|sessions| {
            let put = call.clone().on(sessions);
            let others =
                |(session, other): &&(Key, String)| session == call.key && other.as_str() != call.name;
            let mut names = sessions.objects.keys().filter(others);
            let other = names.next().cloned().filter(|_| names.count() >= 7);
            let gone = other.and_then(|other| sessions.objects.remove(&other));
            sessions.gone.extend(gone);
            put
        })
    }
}

#[async_trait]
impl Flaw for OwnersListOf1250 {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let mut listed = world.lock().owned_by(owner, now);
        listed.truncate(1_250);
        Ok(listed)
    }
}

/// Returns the sessions that come before so many dead were passed over.
fn before_the_dead(world: &World, most: usize, now: Timestamp) -> Sessions {
    let (mut sessions, mut dead) = (world.lock().clone(), 0);
    sessions.map.retain(|_, stored| {
        dead += usize::from(!stored.record.is_live(now));
        dead < most
    });
    sessions
}

#[async_trait]
impl Flaw for AnOwnersListGivesUpAfter64Dead {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        Ok(before_the_dead(world, 64, now).owned_by(owner, now))
    }
}

#[async_trait]
impl Flaw for ACountGivesUpAfterAHundredDead {
    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(before_the_dead(world, 100, now).count(now))
    }
}

#[async_trait]
impl Flaw for APageGivesUpAfterAThousandDead {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        Ok(call.on(&before_the_dead(world, 1_000, call.now)))
    }
}
