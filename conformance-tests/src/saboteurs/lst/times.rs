//! Flaws of lists about what was there before: other times, other owners, other openings.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use session_core::{Key, Owner, Result, Revision, Stored, Timestamp};

use crate::{
    reference::Sessions,
    saboteurs::{Flaw, Page, Save, Touch, World, saboteurs},
};

saboteurs! {
    lists_go_by_the_latest_time ListsGoByTheLatestTime caught by "EXP-016": "Lists go by the latest time that any list has named.";
    a_page_sweeps APageSweeps caught by "EXP-016": "A page deletes what it finds dead.";
    the_dead_are_listed_after_reopening TheDeadAreListedAfterReopening caught by "RST-006": "Opened again, an owner's list shows the dead.";
    the_swept_are_not_listed_again TheSweptAreNotListedAgain caught by "GC-010": "What is created where a sweep took a session is not listed for its owner.";
    a_new_owner_empties_a_list ANewOwnerEmptiesAList caught by "LST-011": "A session that gets another owner empties the list of the one before.";
    owners_end_at_a_colon OwnersEndAtAColon caught by "LST-009": "Owners are compared up to the first colon.";
    owners_are_numbers OwnersAreNumbers caught by "LST-009": "Owners that are numbers are compared as numbers.";
    an_end_of_zero_is_listed_for_ever AnEndOfZeroIsListedForEver caught by "EXP-015": "To lists and counts, what ended at the epoch never ends.";
    lists_go_by_the_first_end ListsGoByTheFirstEnd caught by "TCH-008": "Pages and owners' lists go by the end before the last touch.";
    a_count_goes_by_the_first_end ACountGoesByTheFirstEnd caught by "TCH-008": "The count goes by the end before the last touch.";
    owners_list_of_a_thousand OwnersListOfAThousand caught by "LST-016": "An owner's list has a thousand sessions at most.";
}

/// Returns the sessions and the latest time that any list has named.
fn at_latest(world: &World, now: Timestamp) -> (MutexGuard<'_, Sessions>, Timestamp) {
    let mut sessions = world.lock();
    sessions.memory.latest = sessions.memory.latest.max(now);
    let latest = sessions.memory.latest;
    (sessions, latest)
}

#[async_trait]
impl Flaw for ListsGoByTheLatestTime {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let (sessions, now) = at_latest(world, call.now);
        Ok(Page { now, ..call }.on(&sessions))
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let (sessions, latest) = at_latest(world, now);
        Ok(sessions.owned_by(owner, latest))
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        let (sessions, latest) = at_latest(world, now);
        Ok(sessions.count(latest))
    }
}

#[async_trait]
impl Flaw for APageSweeps {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        world.with(|sessions| sessions.delete_expired(call.now, usize::MAX));
        Ok(call.on(&world.lock()))
    }
}

#[async_trait]
impl Flaw for TheDeadAreListedAfterReopening {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        Ok(world.lock().owned_by(owner, if world.opening > 0 { Timestamp::EPOCH } else { now }))
    }
}

/// Sessions that are in no owner's list.
type Unlisted = Mutex<BTreeSet<Key>>;

fn listed(world: &World, owner: &Owner, now: Timestamp) -> Vec<(Key, Stored)> {
    let unlisted = world.part::<Unlisted>();
    let unlisted = unlisted.lock().unwrap_or_else(PoisonError::into_inner);
    world.lock().owned_by(owner, now).into_iter().filter(|(key, _)| !unlisted.contains(key)).collect()
}

#[async_trait]
impl Flaw for TheSweptAreNotListedAgain {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let unlisted = world.part::<Unlisted>();
        let dead: Vec<Key> = world.lock().dead(now).take(limit).collect();
        unlisted.lock().unwrap_or_else(PoisonError::into_inner).extend(dead);
        Ok(world.with(|sessions| sessions.delete_expired(now, limit)))
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        Ok(listed(world, owner, now))
    }
}

#[async_trait]
impl Flaw for ANewOwnerEmptiesAList {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let unlisted = world.part::<Unlisted>();
        let mut unlisted = unlisted.lock().unwrap_or_else(PoisonError::into_inner);
        world.with(|sessions| {
            let before = sessions.map.get(call.key).and_then(|stored| stored.record.owner.clone());
            let revision = call.on(sessions)?;
            unlisted.remove(call.key);
            if before.is_some() && before != call.record.owner {
                let theirs = sessions.map.iter().filter(|(_, stored)| stored.record.owner == before);
                unlisted.extend(theirs.map(|(key, _)| *key));
            }
            Ok(revision)
        })
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        Ok(listed(world, owner, now))
    }
}

/// Returns the sessions of all owners whose names are the same to a store that reads names in its own way.
fn alike(
    world: &World,
    owner: &Owner,
    now: Timestamp,
    read: impl Fn(&Owner) -> String,
) -> Vec<(Key, Stored)> {
    let page = world.lock().page(None, usize::MAX, now).into_iter();
    page.filter(|(_, stored)| stored.record.owner.as_ref().map(&read) == Some(read(owner))).collect()
}

#[async_trait]
impl Flaw for OwnersEndAtAColon {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let read = |owner: &Owner| owner.as_str().split(':').next().unwrap_or_default().to_owned();
        Ok(alike(world, owner, now, read))
    }
}

#[async_trait]
impl Flaw for OwnersAreNumbers {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let read = |owner: &Owner| {
            let number: Option<f64> = owner.as_str().parse().ok();
            number.map_or_else(|| owner.as_str().to_owned(), |number| number.to_string())
        };
        Ok(alike(world, owner, now, read))
    }
}

#[async_trait]
impl Flaw for OwnersListOfAThousand {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let mut owned = world.lock().owned_by(owner, now);
        owned.truncate(1_000);
        Ok(owned)
    }
}

/// Returns the sessions as lists see them that take an end of zero for none.
fn without_zeros(world: &World) -> (Sessions, Vec<Key>) {
    let mut sessions = world.lock().clone();
    let ended = |stored: &Stored| stored.record.expires_at == Timestamp::EPOCH;
    let zeros: Vec<Key> =
        sessions.map.iter().filter(|(_, stored)| ended(stored)).map(|(key, _)| *key).collect();
    for stored in sessions.map.values_mut().filter(|stored| ended(stored)) {
        stored.record.expires_at = Timestamp::MAX;
    }
    (sessions, zeros)
}

/// Gives those that are listed for ever their ends back.
fn with_zeros(mut listed: Vec<(Key, Stored)>, zeros: &[Key]) -> Vec<(Key, Stored)> {
    for (_, stored) in listed.iter_mut().filter(|(key, _)| zeros.contains(key)) {
        stored.record.expires_at = Timestamp::EPOCH;
    }
    listed
}

#[async_trait]
impl Flaw for AnEndOfZeroIsListedForEver {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let (sessions, zeros) = without_zeros(world);
        Ok(with_zeros(call.on(&sessions), &zeros))
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let (sessions, zeros) = without_zeros(world);
        Ok(with_zeros(sessions.owned_by(owner, now), &zeros))
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(without_zeros(world).0.count(now))
    }
}

/// Touches, and keeps the end that was there.
fn touch(world: &World, call: Touch<'_>) -> Result<Revision> {
    world.with(|sessions| {
        let end = sessions.map.get(call.key).map(|stored| stored.record.expires_at);
        let revision = call.on(sessions)?;
        sessions.memory.ends.extend(end.map(|end| (*call.key, end)));
        Ok(revision)
    })
}

/// Saves, and forgets the end that was there.
fn save(world: &World, call: Save<'_>) -> Result<Revision> {
    world.with(|sessions| {
        let revision = call.on(sessions)?;
        sessions.memory.ends.remove(call.key);
        Ok(revision)
    })
}

/// Returns who lives at `now` by the end before the last touch.
fn live_by_the_first_end(world: &World, now: Timestamp) -> Sessions {
    let mut sessions = world.lock().clone();
    let ends = std::mem::take(&mut sessions.memory.ends);
    sessions.map.retain(|key, stored| now < *ends.get(key).unwrap_or(&stored.record.expires_at));
    sessions
}

#[async_trait]
impl Flaw for ListsGoByTheFirstEnd {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call)
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        touch(world, call)
    }

    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let live = live_by_the_first_end(world, call.now);
        Ok(Page { now: Timestamp::EPOCH, ..call }.on(&live))
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        Ok(live_by_the_first_end(world, now).owned_by(owner, Timestamp::EPOCH))
    }
}

#[async_trait]
impl Flaw for ACountGoesByTheFirstEnd {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call)
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        touch(world, call)
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(live_by_the_first_end(world, now).count(Timestamp::EPOCH))
    }
}
