//! Flaws of pages and counts that depend on which sessions there are, and on what is done to them.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Key, Owner, Result, Revision, Stored, Timestamp};

use crate::{
    reference::Sessions,
    saboteurs::{Flaw, Page, Save, Touch, World, pause, saboteurs},
};

saboteurs! {
    pages_by_the_first_half PagesByTheFirstHalf caught by "LST-017": "A page goes on after all keys that begin with the same eight bytes.";
    a_page_skips_the_written APageSkipsTheWritten caught by "LST-018": "A page leaves out what is being written.";
    a_count_skips_the_written ACountSkipsTheWritten caught by "LST-018": "The count leaves out what is being written.";
    page_limits_have_8_bits PageLimitsHave8Bits caught by "LST-002": "Of a page's limit only the lowest 8 bits are kept.";
    page_limits_have_16_bits PageLimitsHave16Bits caught by "LST-002": "Of a page's limit only the lowest 16 bits are kept.";
    page_limits_have_32_bits PageLimitsHave32Bits caught by "LST-002": "Of a page's limit only the lowest 32 bits are kept.";
    a_page_gives_up_after_a_hundred_dead APageGivesUpAfterAHundredDead caught by "LST-016": "A page looks at a hundred sessions, or at as many as its limit, and leaves out the dead.";
    lists_show_other_namespaces ListsShowOtherNamespaces caught by "CRUD-014": "Without a cap, lists and counts have the sessions of other namespaces too.";
    an_owners_list_outlives_a_sweep AnOwnersListOutlivesASweep caught by "GC-010": "An owner's list is kept until something is written, but for sweeps.";
}

#[async_trait]
impl Flaw for PagesByTheFirstHalf {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let half = |key: &Key| key.as_bytes().first_chunk::<8>().copied();
        let is_over = |key: &Key| call.after.is_some_and(|after| half(key) <= half(after));
        Ok(call.without(is_over, &world.lock()))
    }
}

/// Sessions that are being written.
type Busy = Mutex<BTreeSet<Key>>;

fn busy(world: &World) -> BTreeSet<Key> {
    world.part::<Busy>().lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Takes a while for a save, in which the session is busy.
fn slowly(world: &World, call: Save<'_>) -> Result<Revision> {
    let busy = world.part::<Busy>();
    busy.lock().unwrap_or_else(PoisonError::into_inner).insert(*call.key);
    // Others have the processor meanwhile, so that whoever looks does so now.
    pause();
    let saved = world.with(|sessions| call.on(sessions));
    busy.lock().unwrap_or_else(PoisonError::into_inner).remove(call.key);
    saved
}

#[async_trait]
impl Flaw for APageSkipsTheWritten {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        slowly(world, call)
    }

    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let busy = busy(world);
        Ok(call.without(|key| busy.contains(key), &world.lock()))
    }
}

#[async_trait]
impl Flaw for ACountSkipsTheWritten {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        slowly(world, call)
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        let busy = busy(world);
        let mut sessions = world.lock().clone();
        sessions.map.retain(|key, _| !busy.contains(key));
        Ok(sessions.count(now))
    }
}

/// Lists that were made since the last write.
type Lists = Mutex<HashMap<Owner, Vec<(Key, Stored)>>>;

fn forget(world: &World) {
    world.part::<Lists>().lock().unwrap_or_else(PoisonError::into_inner).clear();
}

#[async_trait]
impl Flaw for AnOwnersListOutlivesASweep {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        forget(world);
        world.with(|sessions| call.on(sessions))
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        forget(world);
        world.with(|sessions| call.on(sessions))
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        forget(world);
        world.with(|sessions| sessions.delete(key));
        Ok(())
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let lists = world.part::<Lists>();
        let mut lists = lists.lock().unwrap_or_else(PoisonError::into_inner);
        let sessions = world.lock();
        let all = lists.entry(owner.clone()).or_insert_with(|| sessions.owned_by(owner, Timestamp::EPOCH));
        Ok(all.iter().filter(|(_, stored)| stored.record.is_live(now)).cloned().collect())
    }
}

/// A page of which the limit loses all but its lowest bits.
fn page_of_bits(world: &World, call: Page<'_>, bits: u32) -> Vec<(Key, Stored)> {
    let kept = usize::MAX.checked_shr(usize::BITS.saturating_sub(bits)).unwrap_or(usize::MAX);
    Page { limit: call.limit & kept, ..call }.on(&world.lock())
}

#[async_trait]
impl Flaw for PageLimitsHave8Bits {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        Ok(page_of_bits(world, call, 8))
    }
}

#[async_trait]
impl Flaw for PageLimitsHave16Bits {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        Ok(page_of_bits(world, call, 16))
    }
}

#[async_trait]
impl Flaw for PageLimitsHave32Bits {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        Ok(page_of_bits(world, call, 32))
    }
}

#[async_trait]
impl Flaw for APageGivesUpAfterAHundredDead {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let Page { after, limit, now } = call;
        let sessions = world.lock();
        let later = sessions.map.iter().filter(|(key, _)| after.is_none_or(|after| key > &after));
        let live = later.take(limit.max(100)).filter(|(_, stored)| stored.record.is_live(now));
        Ok(live.take(limit).map(|(key, stored)| (*key, stored.clone())).collect())
    }
}

/// Returns the sessions that lists show: those of all namespaces, or of this one where it has a cap.
fn of_all_namespaces(world: &World) -> Sessions {
    let mut shown = world.lock().clone();
    if shown.max_sessions.is_none() {
        for other in world.of_all_kin() {
            other.map.into_iter().for_each(|(key, stored)| _ = shown.map.entry(key).or_insert(stored));
        }
    }
    shown
}

#[async_trait]
impl Flaw for ListsShowOtherNamespaces {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        Ok(call.on(&of_all_namespaces(world)))
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        Ok(of_all_namespaces(world).owned_by(owner, now))
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(of_all_namespaces(world).count(now))
    }
}
