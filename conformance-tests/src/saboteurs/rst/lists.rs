//! Flaws of lists that are built anew when a store is opened again.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Owner, Result, Revision, Stored, Timestamp};

use crate::saboteurs::{Flaw, Page, Save, Touch, World, saboteurs};

saboteurs! {
    reopening_lists_the_first_owners ReopeningListsTheFirstOwners caught by "RST-006": "Opened again, an owner's list has the sessions that were created for the owner.";
    reopening_counts_the_deleted ReopeningCountsTheDeleted caught by "RST-006": "Opened again, the count has all that were ever deleted as well.";
    reopening_counts_the_swept ReopeningCountsTheSwept caught by "RST-006": "Opened again, the count has all that were ever swept as well.";
    reopening_lists_what_was_touched ReopeningListsWhatWasTouched caught by "RST-006": "Opened again, a page shows sessions as they were before the last touch.";
}

/// Owners as they were given in creations, and those of lists that were built when the store was opened.
#[derive(Default)]
struct Owners {
    first: HashMap<Key, Option<Owner>>,
    listed: HashMap<Key, Option<Owner>>,
}

#[async_trait]
impl Flaw for ReopeningListsTheFirstOwners {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let revision = world.with(|sessions| call.on(sessions))?;
        let owners = world.part::<Mutex<Owners>>();
        let mut owners = owners.lock().unwrap_or_else(PoisonError::into_inner);
        owners.listed.remove(call.key);
        if call.expect == Expect::Absent {
            owners.first.insert(*call.key, call.record.owner.clone());
        }
        Ok(revision)
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let owners = world.part::<Mutex<Owners>>();
        let mut page = world.lock().page(None, usize::MAX, now);
        let owners = owners.lock().unwrap_or_else(PoisonError::into_inner);
        page.retain(|(key, stored)| {
            owners.listed.get(key).unwrap_or(&stored.record.owner).as_ref() == Some(owner)
        });
        Ok(page)
    }

    fn reopen(&self, world: &World) {
        let owners = world.part::<Mutex<Owners>>();
        let mut owners = owners.lock().unwrap_or_else(PoisonError::into_inner);
        owners.listed = owners.first.clone();
    }
}

/// How many are gone, and how many of them the last opening has counted.
#[derive(Default)]
struct Gone {
    all: AtomicU64,
    counted: AtomicU64,
}

impl Gone {
    fn count(world: &World, now: Timestamp) -> u64 {
        world.lock().count(now) + world.part::<Self>().counted.load(Ordering::SeqCst)
    }

    fn reopen(world: &World) {
        let gone = world.part::<Self>();
        gone.counted.store(gone.all.load(Ordering::SeqCst), Ordering::SeqCst);
    }
}

#[async_trait]
impl Flaw for ReopeningCountsTheDeleted {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        let was_there = world.with(|sessions| sessions.delete(key));
        world.part::<Gone>().all.fetch_add(u64::from(was_there), Ordering::SeqCst);
        Ok(())
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(Gone::count(world, now))
    }

    fn reopen(&self, world: &World) {
        Gone::reopen(world);
    }
}

#[async_trait]
impl Flaw for ReopeningCountsTheSwept {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let swept = world.with(|sessions| sessions.delete_expired(now, limit));
        world.part::<Gone>().all.fetch_add(swept as u64, Ordering::SeqCst);
        Ok(swept)
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(Gone::count(world, now))
    }

    fn reopen(&self, world: &World) {
        Gone::reopen(world);
    }
}

/// Sessions as they were before the last touch, and those that pages show since the store was opened.
#[derive(Default)]
struct Touched {
    before: HashMap<Key, Stored>,
    shown: HashMap<Key, Stored>,
}

#[async_trait]
impl Flaw for ReopeningListsWhatWasTouched {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let revision = world.with(|sessions| call.on(sessions))?;
        let touched = world.part::<Mutex<Touched>>();
        let mut touched = touched.lock().unwrap_or_else(PoisonError::into_inner);
        touched.before.remove(call.key);
        touched.shown.remove(call.key);
        Ok(revision)
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        let (before, revision) = world.with(|sessions| {
            let before = sessions.map.get(call.key).cloned();
            Ok::<_, Error>((before, call.on(sessions)?))
        })?;
        let touched = world.part::<Mutex<Touched>>();
        let mut touched = touched.lock().unwrap_or_else(PoisonError::into_inner);
        touched.before.extend(before.map(|before| (*call.key, before)));
        touched.shown.remove(call.key);
        Ok(revision)
    }

    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let touched = world.part::<Mutex<Touched>>();
        let mut page = call.on(&world.lock());
        let touched = touched.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, stored) in &mut page {
            *stored = touched.shown.get(key).unwrap_or(stored).clone();
        }
        Ok(page)
    }

    fn reopen(&self, world: &World) {
        let touched = world.part::<Mutex<Touched>>();
        let mut touched = touched.lock().unwrap_or_else(PoisonError::into_inner);
        touched.shown = touched.before.clone();
    }
}
