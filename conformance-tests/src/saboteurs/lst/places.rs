//! Flaws of pages and counts that depend on which sessions there are, and on what is done to them.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Key, Owner, Result, Revision, Stored, Timestamp};

use crate::saboteurs::{Flaw, Save, Touch, World, pause, saboteurs};

saboteurs! {
    pages_by_the_first_half PagesByTheFirstHalf caught by "LST-017": "A page goes on after all keys that begin with the same eight bytes.";
    a_page_skips_the_written APageSkipsTheWritten caught by "LST-018": "A page leaves out what is being written.";
    a_count_skips_the_written ACountSkipsTheWritten caught by "LST-018": "The count leaves out what is being written.";
    an_owners_list_outlives_a_sweep AnOwnersListOutlivesASweep caught by "GC-010": "An owner's list is kept until something is written, but for sweeps.";
}

#[async_trait]
impl Flaw for PagesByTheFirstHalf {
    async fn page(
        &self,
        world: &World,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Stored)>> {
        let half = |key: &Key| key.as_bytes().first_chunk::<8>().copied();
        let mut page = world.lock().page(None, usize::MAX, now);
        page.retain(|(key, _)| after.is_none_or(|after| half(key) > half(after)));
        page.truncate(limit);
        Ok(page)
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

    async fn page(
        &self,
        world: &World,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Stored)>> {
        let busy = busy(world);
        let mut page = world.lock().page(after, usize::MAX, now);
        page.retain(|(key, _)| !busy.contains(key));
        page.truncate(limit);
        Ok(page)
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
