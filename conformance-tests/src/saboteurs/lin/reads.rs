//! Reads of what was there before, or of half of it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Key, Record, Result, Revision, Stored, Timestamp};
use tokio::sync::watch;

use crate::saboteurs::{Flaw, Save, Touch, World, interlude, saboteurs};

saboteurs! {
    joins_a_sent_batch JoinsASentBatch caught by "LIN-000": "A load joins a batch that was sent before it was called.";
    acknowledged_before_written AcknowledgedBeforeWritten caught by "LIN-000": "A save is answered as soon as it is judged, and written a little later.";
    cache_cleared_too_early CacheClearedTooEarly caught by "LIN-000": "A save clears the cache before it writes, and a load fills it in between.";
    data_read_first DataReadFirst caught by "LIN-001": "A load reads the data first and the rest afterwards.";
    reads_a_copy ReadsACopy caught by "LIN-002": "A load reads a copy that every fourth load renews.";
}

/// The batch of loads of a key that is under way, and what it will answer.
type Batches = Mutex<HashMap<Key, watch::Receiver<Option<Option<Stored>>>>>;

#[async_trait]
impl Flaw for JoinsASentBatch {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let batches = world.part::<Batches>();
        let batch = batches.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
        if let Some(mut batch) = batch
            && let Ok(answer) = batch.wait_for(Option::is_some).await
        {
            let found = answer.clone().flatten();
            return Ok(found.filter(|stored| stored.record.is_live(now)));
        }
        let (answer, batch) = watch::channel(None);
        batches.lock().unwrap_or_else(PoisonError::into_inner).insert(*key, batch);
        let found = world.lock().map.get(key).cloned();
        interlude().await;
        batches.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        let _ = answer.send(Some(found.clone()));
        Ok(found.filter(|stored| stored.record.is_live(now)))
    }
}

#[async_trait]
impl Flaw for AcknowledgedBeforeWritten {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { key, record, expect, now } = call;
        let revision = world.lock().judge(key, expect, now)?;
        let (world, key, record) = (world.clone(), *key, record.clone());
        tokio::spawn(async move {
            interlude().await;
            world.lock().map.insert(key, Stored { record, revision });
        });
        Ok(revision)
    }
}

/// What loads found, until a write of the key.
type Cache = Mutex<HashMap<Key, Stored>>;

#[async_trait]
impl Flaw for CacheClearedTooEarly {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let cache = world.part::<Cache>();
        let cached = cache.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
        if let Some(cached) = cached {
            return Ok(Some(cached).filter(|stored| stored.record.is_live(now)));
        }
        let found = world.lock().load(key, now)?;
        if let Some(found) = found.clone() {
            cache.lock().unwrap_or_else(PoisonError::into_inner).insert(*key, found);
        }
        Ok(found)
    }

    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { key, .. } = call;
        clear(world, key);
        interlude().await;
        world.with(|sessions| call.on(sessions))
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        let Touch { key, .. } = call;
        clear(world, key);
        interlude().await;
        world.with(|sessions| call.on(sessions))
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        clear(world, key);
        interlude().await;
        world.with(|sessions| sessions.delete(key));
        Ok(())
    }

    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        world.part::<Cache>().lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(world.with(|sessions| sessions.delete_expired(now, limit)))
    }
}

fn clear(world: &World, key: &Key) {
    world.part::<Cache>().lock().unwrap_or_else(PoisonError::into_inner).remove(key);
}

#[async_trait]
impl Flaw for DataReadFirst {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let Some(before) = world.lock().load(key, now)? else { return Ok(None) };
        interlude().await;
        let found = world.lock().load(key, now)?;
        Ok(found.map(|after| Stored {
            record: Record { data: before.record.data, ..after.record },
            revision: after.revision,
        }))
    }
}

/// What the store held a while ago.
#[derive(Default)]
struct Copy(Mutex<(u64, HashMap<Key, Stored>)>);

#[async_trait]
impl Flaw for ReadsACopy {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let copy = world.part::<Copy>();
        let mut copy = copy.0.lock().unwrap_or_else(PoisonError::into_inner);
        if copy.0.is_multiple_of(4) {
            copy.1 = world.lock().map.clone().into_iter().collect();
        }
        copy.0 += 1;
        Ok(copy.1.get(key).filter(|stored| stored.record.is_live(now)).cloned())
    }
}
