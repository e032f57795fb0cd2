//! Flaws by which a damaged record is taken for a good one, or is gone.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Error, Key, Result, Revision, Stored, Timestamp};

use super::overwrite;
use crate::{
    reference::{decode, decode_body},
    saboteurs::{Flaw, Save, World, saboteurs},
};

saboteurs! {
    the_checksum_is_of_the_beginning TheChecksumIsOfTheBeginning caught by "COR-001": "The checksum is that of the first 4,096 bytes.";
    the_end_may_be_missing TheEndMayBeMissing caught by "COR-002": "A record of more than 4,096 bytes may have lost its last ones.";
    the_checksum_is_a_sum TheChecksumIsASum caught by "COR-003": "The checksum is the sum of all bytes.";
    a_look_ends_the_damaged ALookEndsTheDamaged caught by "COR-009": "A load that finds a record damaged deletes it.";
    a_sweep_takes_the_damaged ASweepTakesTheDamaged caught by "COR-006": "A sweep deletes damaged records as well.";
    opening_drops_the_damaged OpeningDropsTheDamaged caught by "COR-010": "Opening again deletes damaged records.";
    the_damaged_keep_it_shut TheDamagedKeepItShut caught by "COR-010": "A store with a damaged record cannot be opened.";
    a_damaged_opening_is_empty ADamagedOpeningIsEmpty caught by "COR-010": "A store with a damaged record is opened empty.";
}

/// How many bytes of a record are looked at.
const BEGINNING: usize = 4_096;

/// The bytes of each record as it was saved last.
type Good = Mutex<HashMap<Key, Vec<u8>>>;

/// Saves, and keeps the bytes of the record.
fn save(world: &World, call: Save<'_>) -> Result<Revision> {
    world.with(|sessions| {
        let revision = call.on(sessions)?;
        let good = world.part::<Good>();
        let mut good = good.lock().unwrap_or_else(PoisonError::into_inner);
        good.extend(sessions.bytes(call.key).map(|bytes| (*call.key, bytes)));
        Ok(revision)
    })
}

/// Puts bytes under a key, and takes them for a record where `passes` says so of the good ones and these.
fn damage(world: &World, key: &Key, bytes: &[u8], passes: impl Fn(&[u8], &[u8]) -> bool) {
    let good = world.part::<Good>();
    let good = good.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
    let is_good = good.is_some_and(|good| good.len() > BEGINNING && passes(&good, bytes));
    let body = bytes.split_at_checked(8).map(|(_, body)| body);
    let stored = if is_good { body.and_then(decode_body) } else { decode(key, bytes) };
    overwrite(world, key, bytes, stored);
}

#[async_trait]
impl Flaw for TheChecksumIsOfTheBeginning {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call)
    }

    fn damage(&self, world: &World, key: &Key, bytes: &[u8]) {
        damage(world, key, bytes, |good, bytes| good.get(..BEGINNING) == bytes.get(..BEGINNING));
    }
}

#[async_trait]
impl Flaw for TheChecksumIsASum {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call)
    }

    fn damage(&self, world: &World, key: &Key, bytes: &[u8]) {
        let sum = |bytes: &[u8]| bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>();
        damage(world, key, bytes, |good, bytes| good.len() == bytes.len() && sum(good) == sum(bytes));
    }
}

#[async_trait]
impl Flaw for TheEndMayBeMissing {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call)
    }

    fn damage(&self, world: &World, key: &Key, bytes: &[u8]) {
        damage(world, key, bytes, |good, bytes| bytes.len() > BEGINNING && good.starts_with(bytes));
    }
}

#[async_trait]
impl Flaw for ALookEndsTheDamaged {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        world.with(|sessions| {
            let found = sessions.load(key, now);
            if let Err(Error::Corrupt(_)) = found {
                sessions.delete(key);
            }
            found
        })
    }
}

#[async_trait]
impl Flaw for ASweepTakesTheDamaged {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| {
            let damaged = std::mem::take(&mut sessions.damaged).len();
            damaged + sessions.delete_expired(now, limit)
        }))
    }
}

impl Flaw for OpeningDropsTheDamaged {
    fn reopen(&self, world: &World) {
        world.lock().damaged.clear();
    }
}

impl Flaw for TheDamagedKeepItShut {
    fn admit(&self, world: &World) -> Result<()> {
        if world.lock().damaged.is_empty() { Ok(()) } else { Err(Error::Corrupt("one of them")) }
    }
}

impl Flaw for ADamagedOpeningIsEmpty {
    fn reopen(&self, world: &World) {
        let mut sessions = world.lock();
        if !sessions.damaged.is_empty() {
            sessions.map.clear();
        }
    }
}
