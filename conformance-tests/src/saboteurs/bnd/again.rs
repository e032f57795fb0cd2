//! Flaws that show when an evicted session is created again.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Expect, Key, Owner, Result, Revision, Stored, Timestamp};

use crate::{
    reference::Sessions,
    saboteurs::{Flaw, Page, Save, World, saboteurs},
};

saboteurs! {
    the_owner_of_the_evicted_comes_back TheOwnerOfTheEvictedComesBack caught by "MBT-006": "What is created without an owner where an eviction took a session is listed for its owner.";
    the_evicted_are_not_listed_again TheEvictedAreNotListedAgain caught by "MBT-006": "What is created where an eviction took a session is on no page.";
    the_evicted_are_not_counted_again TheEvictedAreNotCountedAgain caught by "MBT-006": "What is created where an eviction took a session is not counted.";
}

/// Saves, and returns the revision and who was evicted.
fn save(sessions: &mut Sessions, call: Save<'_>) -> Result<(Revision, Vec<(Key, Stored)>)> {
    let mut before = sessions.max_sessions.map(|_| sessions.map.clone()).unwrap_or_default();
    let revision = call.on(sessions)?;
    before.retain(|key, _| !sessions.map.contains_key(key));
    Ok((revision, before.into_iter().collect()))
}

/// Whose the sessions were that had to make room.
type Owners = Mutex<HashMap<Key, Owner>>;

#[async_trait]
impl Flaw for TheOwnerOfTheEvictedComesBack {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let owners = world.part::<Owners>();
        let mut owners = owners.lock().unwrap_or_else(PoisonError::into_inner);
        let (revision, evicted) = world.with(|sessions| save(sessions, call))?;
        if call.expect != Expect::Absent || call.record.owner.is_some() {
            owners.remove(call.key);
        }
        owners.extend(evicted.into_iter().filter_map(|(key, stored)| Some((key, stored.record.owner?))));
        Ok(revision)
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let owners = world.part::<Owners>();
        let owners = owners.lock().unwrap_or_else(PoisonError::into_inner);
        let mut listed = world.lock().page(None, usize::MAX, now);
        listed
            .retain(|(key, stored)| stored.record.owner.as_ref().or_else(|| owners.get(key)) == Some(owner));
        Ok(listed)
    }
}

/// Keys of sessions that had to make room once.
type Evicted = Mutex<BTreeSet<Key>>;

/// Saves, and remembers who was evicted.
fn save_and_remember(world: &World, call: Save<'_>) -> Result<Revision> {
    let (revision, evicted) = world.with(|sessions| save(sessions, call))?;
    let keys = world.part::<Evicted>();
    keys.lock().unwrap_or_else(PoisonError::into_inner).extend(evicted.into_iter().map(|(key, _)| key));
    Ok(revision)
}

/// Returns the sessions that never had to make room.
fn never_evicted(world: &World) -> Sessions {
    let keys = world.part::<Evicted>();
    let keys = keys.lock().unwrap_or_else(PoisonError::into_inner);
    let mut sessions = world.lock().clone();
    sessions.map.retain(|key, _| !keys.contains(key));
    sessions
}

#[async_trait]
impl Flaw for TheEvictedAreNotListedAgain {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save_and_remember(world, call)
    }

    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        Ok(call.on(&never_evicted(world)))
    }
}

#[async_trait]
impl Flaw for TheEvictedAreNotCountedAgain {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save_and_remember(world, call)
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(never_evicted(world).count(now))
    }
}
