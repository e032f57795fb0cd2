//! Flaws that some sequence of calls shows.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use session_core::{Expect, Key, Owner, Result, Revision, Stored, Timestamp};

use super::{Flaw, Page, Save, Touch, World, saboteurs};
use crate::reference::Sessions;

saboteurs! {
    revision_in_one_byte RevisionInOneByte caught by "MBT-001": "Revisions are compared by their lowest byte.";
    tombstone_forever TombstoneForever caught by "MBT-001": "What is saved under a key that was deleted twice is gone.";
    third_touch_ignored ThirdTouchIgnored caught by "MBT-001": "Every third touch of a session is answered and not made.";
    clock_never_goes_back ClockNeverGoesBack caught by "MBT-003": "The latest time that was ever given counts, not the one of the call.";
    touches_forgotten_at_reopening TouchesForgottenAtReopening caught by "MBT-002": "What was touched is as it was saved when the store is opened again.";
    second_opening_reads_its_start SecondOpeningReadsItsStart caught by "MBT-004": "Every second load reads what was there when the store was opened again.";
    owner_index_keeps_the_first OwnerIndexKeepsTheFirst caught by "MBT-005": "A session is listed for the owner that it was created for.";
    count_knows_no_deaths CountKnowsNoDeaths caught by "MBT-005": "The count falls with deletes and sweeps only.";
    page_ends_at_a_dead_one PageEndsAtADeadOne caught by "MBT-005": "Dead sessions take up room on a page.";
}

#[async_trait]
impl Flaw for RevisionInOneByte {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { key, expect, now, .. } = call;
        let mut sessions = world.lock();
        let expect = match (expect, sessions.live(key, now)) {
            (Expect::Revision(expected), Some(found))
                if expected.as_i64() & 0xff == found.revision.as_i64() & 0xff =>
            {
                Expect::Revision(found.revision)
            }
            (expect, _) => expect,
        };
        Save { expect, ..call }.on(&mut sessions)
    }
}

/// How often something was done to each key.
type Times = Mutex<HashMap<Key, usize>>;

/// Counts one more for the key.
fn times(world: &World, key: &Key, more: usize) -> usize {
    let times = world.part::<Times>();
    let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
    let times = times.entry(*key).or_default();
    *times += more;
    *times
}

#[async_trait]
impl Flaw for TombstoneForever {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        let was_there = world.with(|sessions| sessions.delete(key));
        times(world, key, usize::from(was_there));
        Ok(())
    }

    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        if times(world, key, 0) >= 2 { Ok(None) } else { world.lock().load(key, now) }
    }
}

#[async_trait]
impl Flaw for ThirdTouchIgnored {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        let Touch { key, expect, now, .. } = call;
        if times(world, key, 1).is_multiple_of(3) {
            return world.lock().judge(key, Expect::Revision(expect), now);
        }
        world.with(|sessions| call.on(sessions))
    }
}

/// The latest time that was ever given.
#[derive(Default)]
struct Latest(AtomicI64);

#[async_trait]
impl Flaw for ClockNeverGoesBack {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let latest = world.part::<Latest>().0.fetch_max(now.as_millis(), Ordering::SeqCst);
        world.lock().load(key, now.max(Timestamp::from_millis(latest)))
    }
}

/// The sessions as they were some time ago.
#[derive(Default)]
struct Before(Mutex<Sessions>);

#[async_trait]
impl Flaw for TouchesForgottenAtReopening {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { key, record, .. } = call;
        let revision = world.with(|sessions| call.on(sessions))?;
        let before = world.part::<Before>();
        let stored = Stored { record: record.clone(), revision };
        before.0.lock().unwrap_or_else(PoisonError::into_inner).map.insert(*key, stored);
        Ok(revision)
    }

    fn reopen(&self, world: &World) {
        let before = world.part::<Before>();
        let before = before.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, stored) in &mut world.lock().map {
            if let Some(saved) = before.map.get(key) {
                *stored = saved.clone();
            }
        }
    }
}

/// How many loads there were.
#[derive(Default)]
struct Loads(AtomicUsize);

#[async_trait]
impl Flaw for SecondOpeningReadsItsStart {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let start = world.part::<Mutex<Option<Sessions>>>();
        let start = start.lock().unwrap_or_else(PoisonError::into_inner);
        let number = world.part::<Loads>().0.fetch_add(1, Ordering::SeqCst);
        match &*start {
            Some(start) if number.is_multiple_of(2) => start.load(key, now),
            _ => world.lock().load(key, now),
        }
    }

    fn reopen(&self, world: &World) {
        let start = world.part::<Mutex<Option<Sessions>>>();
        *start.lock().unwrap_or_else(PoisonError::into_inner) = Some(world.lock().clone());
    }
}

/// The owner that each session was created for.
type Owners = Mutex<HashMap<Key, Option<Owner>>>;

#[async_trait]
impl Flaw for OwnerIndexKeepsTheFirst {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { key, record, expect, .. } = call;
        let revision = world.with(|sessions| call.on(sessions))?;
        if expect == Expect::Absent {
            let owners = world.part::<Owners>();
            owners.lock().unwrap_or_else(PoisonError::into_inner).insert(*key, record.owner.clone());
        }
        Ok(revision)
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let owners = world.part::<Owners>();
        let owners = owners.lock().unwrap_or_else(PoisonError::into_inner);
        let mut listed = world.lock().page(None, usize::MAX, now);
        listed.retain(|(key, _)| owners.get(key).is_some_and(|first| first.as_ref() == Some(owner)));
        Ok(listed)
    }
}

#[async_trait]
impl Flaw for CountKnowsNoDeaths {
    async fn count(&self, world: &World, _: Timestamp) -> Result<u64> {
        Ok(world.lock().map.len() as u64)
    }
}

#[async_trait]
impl Flaw for PageEndsAtADeadOne {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let Page { after, limit, now } = call;
        let sessions = world.lock();
        let later = sessions.map.iter().filter(|(key, _)| after.is_none_or(|after| *key > after)).take(limit);
        let live = later.filter(|(_, stored)| stored.record.is_live(now));
        Ok(live.map(|(key, stored)| (*key, stored.clone())).collect())
    }
}
