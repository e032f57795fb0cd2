//! Flaws of a store whose medium is damaged.

pub(super) mod kept;
pub(super) mod lists;
pub(super) mod unread;

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Result, Revision, Stored, Timestamp};

use crate::reference::{decode, decode_body};

use super::{Flaw, Page, Save, World, saboteurs};

saboteurs! {
    no_checksum NoChecksum caught by "COR-001": "The checksum is not looked at.";
    what_is_behind_is_ignored WhatIsBehindIsIgnored caught by "COR-002": "Bytes behind the record are not looked at.";
    the_key_is_not_under_the_checksum TheKeyIsNotUnderTheChecksum caught by "COR-004": "A record is good under whatever key it lies.";
    damaged_is_absent DamagedIsAbsent caught by "COR-003": "A damaged record is no session.";
    damaged_is_a_panic DamagedIsAPanic caught by "COR-001": "A damaged record is a panic.";
    one_damaged_hides_all OneDamagedHidesAll caught by "COR-006": "A page with a damaged record is an error.";
    one_damaged_stops_the_sweep OneDamagedStopsTheSweep caught by "COR-006": "A sweep stops at a damaged record.";
    create_over_the_damaged CreateOverTheDamaged caught by "COR-009": "A create replaces a damaged record.";
    the_damaged_cannot_be_deleted TheDamagedCannotBeDeleted caught by "COR-009": "A delete leaves a damaged record.";
    a_copy_takes_its_original ACopyTakesItsOriginal caught by "COR-004": "A record that was copied is gone where it was.";
    touch_over_the_damaged TouchOverTheDamaged caught by "COR-009": "A touch of a damaged record is answered Ok.";
    the_damaged_stop_a_delete TheDamagedStopADelete caught by "COR-009": "A delete of a damaged record is refused.";
    save_over_the_damaged SaveOverTheDamaged caught by "COR-009": "A save at a revision replaces a damaged record.";
}

impl Flaw for NoChecksum {
    fn damage(&self, world: &World, key: &Key, bytes: &[u8]) {
        let stored = bytes.split_at_checked(8).and_then(|(_, body)| decode_body(body));
        overwrite(world, key, bytes, stored);
    }
}

impl Flaw for WhatIsBehindIsIgnored {
    fn damage(&self, world: &World, key: &Key, bytes: &[u8]) {
        let stored = (0..=bytes.len()).rev().find_map(|length| decode(key, bytes.get(..length)?));
        overwrite(world, key, bytes, stored);
    }
}

impl Flaw for TheKeyIsNotUnderTheChecksum {
    fn damage(&self, world: &World, key: &Key, bytes: &[u8]) {
        let moved = world.lock().map.iter().find_map(|(other, _)| decode(other, bytes));
        overwrite(world, key, bytes, moved.or_else(|| decode(key, bytes)));
    }
}

#[async_trait]
impl Flaw for DamagedIsAbsent {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        match world.lock().load(key, now) {
            Err(Error::Corrupt(_)) => Ok(None),
            found => found,
        }
    }
}

#[async_trait]
impl Flaw for DamagedIsAPanic {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let found = world.lock().load(key, now);
        assert!(!matches!(found, Err(Error::Corrupt(_))), "a damaged record");
        found
    }
}

#[async_trait]
impl Flaw for OneDamagedHidesAll {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let sessions = world.lock();
        if sessions.damaged.is_empty() { Ok(call.on(&sessions)) } else { Err(Error::Corrupt("one of them")) }
    }
}

#[async_trait]
impl Flaw for OneDamagedStopsTheSweep {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        if world.lock().damaged.is_empty() {
            return Ok(world.with(|sessions| sessions.delete_expired(now, limit)));
        }
        Err(Error::Corrupt("one of them"))
    }
}

#[async_trait]
impl Flaw for CreateOverTheDamaged {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            if call.expect == Expect::Absent {
                sessions.damaged.remove(call.key);
            }
            call.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for TheDamagedCannotBeDeleted {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        world.with(|sessions| {
            let damaged = sessions.damaged.get(key).cloned();
            sessions.delete(key);
            sessions.damaged.extend(damaged.map(|bytes| (*key, bytes)));
        });
        Ok(())
    }
}

/// Puts the record under the key when the flaw has read one, and the damage otherwise.
fn overwrite(world: &World, key: &Key, bytes: &[u8], stored: Option<Stored>) {
    let mut sessions = world.lock();
    sessions.delete(key);
    match stored {
        Some(stored) => drop(sessions.map.insert(*key, stored)),
        None => drop(sessions.damaged.insert(*key, bytes.to_vec())),
    }
}

impl Flaw for ACopyTakesItsOriginal {
    fn damage(&self, world: &World, key: &Key, bytes: &[u8]) {
        let original = world.lock().map.keys().copied().find(|other| decode(other, bytes).is_some());
        overwrite(world, key, bytes, decode(key, bytes));
        if let Some(original) = original.filter(|original| original != key) {
            world.lock().overwrite(&original, b"gone");
        }
    }
}

#[async_trait]
impl Flaw for TouchOverTheDamaged {
    async fn touch(&self, world: &World, call: super::Touch<'_>) -> Result<Revision> {
        if world.lock().damaged.contains_key(call.key) {
            return call.expect.next();
        }
        world.with(|sessions| call.on(sessions))
    }
}

#[async_trait]
impl Flaw for TheDamagedStopADelete {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        let damaged = world.lock().damaged.contains_key(key);
        world.with(|sessions| sessions.delete(key));
        if damaged { Err(Error::Corrupt("it cannot be read")) } else { Ok(()) }
    }
}

#[async_trait]
impl Flaw for SaveOverTheDamaged {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let damaged = sessions.damaged.contains_key(call.key);
            if let (Expect::Revision(old), true) = (call.expect, damaged) {
                sessions.delete(call.key);
                sessions.map.insert(*call.key, Stored { record: call.record.clone(), revision: old.next()? });
                return old.next();
            }
            call.on(sessions)
        })
    }
}
