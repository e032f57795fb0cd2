//! Flaws of one opening of a namespace beside another.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Owner, Result, Revision, Stored, Timestamp};

use super::{Flaw, Page, Save, World, saboteurs};
use crate::reference::Sessions;

saboteurs! {
    lists_of_a_second_handle_are_old ListsOfASecondHandleAreOld caught by "LST-019": "A second handle lists what was there when it was opened.";
    the_first_handle_ends_all TheFirstHandleEndsAll caught by "RST-007": "When the first handle is dropped, the others are closed as well.";
    a_miss_is_remembered AMissIsRemembered caught by "MBT-004": "A handle that found nothing finds nothing until it creates something itself.";
    a_second_handle_sweeps_nothing ASecondHandleSweepsNothing caught by "MBT-004": "A sweep of a second handle answers 0.";
    a_sweep_is_seen_by_one_handle ASweepIsSeenByOneHandle caught by "LST-019": "What a handle sweeps stays on the pages of the others.";
    a_sweep_is_counted_by_one_handle ASweepIsCountedByOneHandle caught by "LST-019": "What a handle sweeps stays in the counts of the others.";
    who_left_stays_with_other_handles WhoLeftStaysWithOtherHandles caught by "LST-019": "A session that a handle takes from its owner stays in the owner's list of the others.";
}

/// The sessions as they were at the last opening.
type AtOpening = Mutex<Sessions>;

impl ListsOfASecondHandleAreOld {
    fn listed<T>(world: &World, list: impl FnOnce(&Sessions) -> T) -> T {
        if world.opening == 0 {
            return list(&world.lock());
        }
        list(&world.part::<AtOpening>().lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Flaw for ListsOfASecondHandleAreOld {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        Ok(Self::listed(world, |sessions| call.on(sessions)))
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        Ok(Self::listed(world, |sessions| sessions.owned_by(owner, now)))
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(Self::listed(world, |sessions| sessions.count(now)))
    }

    fn reopen(&self, world: &World) {
        let copy = world.lock().clone();
        *world.part::<AtOpening>().lock().unwrap_or_else(PoisonError::into_inner) = copy;
    }
}

/// Whether the first handle was dropped since the last opening.
#[derive(Default)]
struct Closed(AtomicBool);

#[async_trait]
impl Flaw for TheFirstHandleEndsAll {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        if world.part::<Closed>().0.load(Ordering::SeqCst) {
            return Err(Error::backend("saboteur", "load a session", "the store is closed"));
        }
        world.lock().load(key, now)
    }

    fn reopen(&self, world: &World) {
        world.part::<Closed>().0.store(false, Ordering::SeqCst);
    }

    fn close(&self, world: &World) {
        if world.opening == 0 {
            world.part::<Closed>().0.store(true, Ordering::SeqCst);
        }
    }
}

/// Which handle found nothing under which key.
type Misses = Mutex<HashSet<(usize, Key)>>;

#[async_trait]
impl Flaw for AMissIsRemembered {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let misses = world.part::<Misses>();
        let mut misses = misses.lock().unwrap_or_else(PoisonError::into_inner);
        if misses.contains(&(world.opening, *key)) {
            return Ok(None);
        }
        let sessions = world.lock();
        if !sessions.map.contains_key(key) {
            misses.insert((world.opening, *key));
        }
        sessions.load(key, now)
    }

    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let saved = world.with(|sessions| call.on(sessions));
        if call.expect == Expect::Absent {
            let misses = world.part::<Misses>();
            misses.lock().unwrap_or_else(PoisonError::into_inner).remove(&(world.opening, *call.key));
        }
        saved
    }
}

#[async_trait]
impl Flaw for ASecondHandleSweepsNothing {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        if world.opening % 2 == 1 {
            return Ok(0);
        }
        Ok(world.with(|sessions| sessions.delete_expired(now, limit)))
    }
}

/// What was swept and not created again, and by which handle.
type Swept = Mutex<HashMap<Key, (usize, Stored)>>;

/// Sweeps, and remembers what.
fn sweep(world: &World, now: Timestamp, limit: usize) -> usize {
    let swept = world.part::<Swept>();
    let mut swept = swept.lock().unwrap_or_else(PoisonError::into_inner);
    world.with(|sessions| {
        let dead = sessions.dead(now).take(limit);
        swept.extend(dead.filter_map(|key| Some((key, (world.opening, sessions.map.get(&key)?.clone())))));
        sessions.delete_expired(now, limit)
    })
}

/// Saves, and forgets that the session was swept.
fn save(world: &World, call: Save<'_>) -> Result<Revision> {
    let revision = world.with(|sessions| call.on(sessions))?;
    world.part::<Swept>().lock().unwrap_or_else(PoisonError::into_inner).remove(call.key);
    Ok(revision)
}

/// Returns the sessions as they were without the sweeps of the other handles.
fn unswept(world: &World) -> Sessions {
    let swept = world.part::<Swept>();
    let mut sessions = world.lock().clone();
    for (key, (opening, stored)) in &*swept.lock().unwrap_or_else(PoisonError::into_inner) {
        if *opening != world.opening {
            sessions.map.insert(*key, stored.clone());
        }
    }
    sessions
}

#[async_trait]
impl Flaw for ASweepIsSeenByOneHandle {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call)
    }

    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(sweep(world, now, limit))
    }

    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        Ok(call.on(&unswept(world)))
    }
}

#[async_trait]
impl Flaw for ASweepIsCountedByOneHandle {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call)
    }

    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(sweep(world, now, limit))
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(unswept(world).count(now))
    }
}

/// Which handle has last given a session away, and whose it was.
type Left = Mutex<HashMap<Key, (usize, Owner)>>;

#[async_trait]
impl Flaw for WhoLeftStaysWithOtherHandles {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let left = world.part::<Left>();
        let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
        world.with(|sessions| {
            let before = sessions.map.get(call.key).and_then(|stored| stored.record.owner.clone());
            let revision = call.on(sessions)?;
            match before.filter(|before| call.record.owner.as_ref() != Some(before)) {
                Some(before) => left.insert(*call.key, (world.opening, before)),
                None => left.remove(call.key),
            };
            Ok(revision)
        })
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let left = world.part::<Left>();
        let left = left.lock().unwrap_or_else(PoisonError::into_inner);
        let was_theirs = |key: &Key| {
            left.get(key).is_some_and(|(opening, before)| *opening != world.opening && before == owner)
        };
        let mut listed = world.lock().page(None, usize::MAX, now);
        listed.retain(|(key, stored)| stored.record.owner.as_ref() == Some(owner) || was_theirs(key));
        Ok(listed)
    }
}
