//! Flaws by which only a load looks at the checksum.

use async_trait::async_trait;
use session_core::{Error, Key, Owner, Result, Revision, Stored, Timestamp};

use crate::{
    reference::{Sessions, decode_body},
    saboteurs::{Flaw, Page, Save, Touch, World, saboteurs},
};

saboteurs! {
    a_page_looks_at_no_checksum APageLooksAtNoChecksum caught by "COR-011": "A page shows a record whose checksum is wrong.";
    an_owners_list_looks_at_no_checksum AnOwnersListLooksAtNoChecksum caught by "COR-011": "An owner's list shows a record whose checksum is wrong.";
    a_count_looks_at_no_checksum ACountLooksAtNoChecksum caught by "COR-011": "A count counts a record whose checksum is wrong.";
    a_sweep_looks_at_no_checksum ASweepLooksAtNoChecksum caught by "COR-011": "A sweep goes by the end in a record whose checksum is wrong.";
    a_touch_looks_at_no_checksum ATouchLooksAtNoChecksum caught by "COR-011": "A touch makes a record good whose checksum was wrong.";
    the_damaged_are_missing_for_writes TheDamagedAreMissingForWrites caught by "COR-009": "A save and a touch of a damaged record find nothing.";
}

/// Returns the sessions, and the damaged ones as far as they can be read.
fn unverified(sessions: &Sessions) -> Sessions {
    let mut all = sessions.clone();
    for (key, bytes) in &sessions.damaged {
        let stored = bytes.split_at_checked(8).and_then(|(_, body)| decode_body(body));
        all.map.extend(stored.map(|stored| (*key, stored)));
    }
    all.damaged.retain(|key, _| !all.map.contains_key(key));
    all
}

#[async_trait]
impl Flaw for APageLooksAtNoChecksum {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        Ok(call.on(&unverified(&world.lock())))
    }
}

#[async_trait]
impl Flaw for AnOwnersListLooksAtNoChecksum {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        Ok(unverified(&world.lock()).owned_by(owner, now))
    }
}

#[async_trait]
impl Flaw for ACountLooksAtNoChecksum {
    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(unverified(&world.lock()).count(now))
    }
}

#[async_trait]
impl Flaw for ASweepLooksAtNoChecksum {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| {
            let dead: Vec<Key> = unverified(sessions).dead(now).take(limit).collect();
            dead.iter().filter(|key| sessions.delete(key)).count()
        }))
    }
}

#[async_trait]
impl Flaw for ATouchLooksAtNoChecksum {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let mut all = unverified(sessions);
            let revision = call.on(&mut all)?;
            sessions.damaged.remove(call.key);
            sessions.map.extend(all.map.remove(call.key).map(|stored| (*call.key, stored)));
            Ok(revision)
        })
    }
}

/// Answers that nothing is there where it is damaged.
fn missing<T>(written: Result<T>) -> Result<T> {
    written.map_err(|error| if matches!(error, Error::Corrupt(_)) { Error::Missing } else { error })
}

#[async_trait]
impl Flaw for TheDamagedAreMissingForWrites {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        missing(world.with(|sessions| call.on(sessions)))
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        missing(world.with(|sessions| call.on(sessions)))
    }
}
