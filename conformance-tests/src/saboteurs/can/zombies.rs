//! Dropped writes that go on, or stop half-way.

use std::{sync::atomic::Ordering, time::Duration};

use async_trait::async_trait;
use session_core::{Error, Key, Record, Result, Revision, Stored, Timestamp};
use tokio::runtime::Handle;

use crate::saboteurs::{Flaw, Save, Touch, World, can::leaks::Count, interlude, saboteurs};

saboteurs! {
    zombie_create ZombieCreate caught by "CAN-001": "A save goes on in a task of its own when it is dropped.";
    zombie_delete ZombieDelete caught by "CAN-001": "A delete goes on in a task of its own when it is dropped.";
    zombie_sweep ZombieSweep caught by "CAN-001": "A sweep goes on in a task of its own when it is dropped, and deletes what it found dead before.";
    zombie_far_later ZombieFarLater caught by "CAN-001": "A dropped save lands a twentieth of a second later, whatever is there.";
    half_saved HalfSaved caught by "CAN-001": "A save writes the data in a first step and the rest in a second one.";
    half_touched HalfTouched caught by "CAN-001": "A touch raises the revision in a first step and writes the times in a second one.";
    renewed_by_removal RenewedByRemoval caught by "CAN-001": "A save deletes the old record before it writes the new one.";
}

/// Runs `work` in a task that nobody can drop, a little later for every other call.
async fn in_a_task<T: Send + 'static>(
    world: &World,
    work: impl FnOnce(&World) -> Result<T> + Send + 'static,
) -> Result<T> {
    let number = world.part::<Count>().0.fetch_add(1, Ordering::Relaxed);
    let world = world.clone();
    let task = tokio::spawn(async move {
        for _ in 0..if number.is_multiple_of(2) { 10 } else { 1 } {
            interlude().await;
        }
        work(&world)
    });
    task.await.unwrap_or_else(|error| Err(Error::unknown("saboteur", "hear from a task", error)))
}

#[async_trait]
impl Flaw for ZombieCreate {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { key, record, expect, now } = call;
        let (key, record) = (*key, record.clone());
        in_a_task(world, move |world| world.lock().save(&key, &record, expect, now)).await
    }
}

#[async_trait]
impl Flaw for ZombieDelete {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        let key = *key;
        in_a_task(world, move |world| {
            world.with(|sessions| sessions.delete(&key));
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl Flaw for ZombieSweep {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let dead: Vec<Key> = world.lock().dead(now).take(limit).collect();
        in_a_task(world, move |world| {
            Ok(dead.iter().filter(|key| world.with(|sessions| sessions.delete(key))).count())
        })
        .await
    }
}

/// Lands a write a while after it was dropped.
struct Landing(Option<(World, Key, Stored)>);

impl Drop for Landing {
    fn drop(&mut self) {
        let (Some((world, key, stored)), Ok(runtime)) = (self.0.take(), Handle::try_current()) else {
            return;
        };
        runtime.spawn(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            world.lock().map.insert(key, stored);
        });
    }
}

#[async_trait]
impl Flaw for ZombieFarLater {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { key, record, expect, now } = call;
        let revision = world.lock().judge(key, expect, now)?;
        let mut landing = Landing(Some((world.clone(), *key, Stored { record: record.clone(), revision })));
        interlude().await;
        landing.0 = None;
        world.with(|sessions| call.on(sessions))
    }
}

#[async_trait]
impl Flaw for HalfSaved {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { key, record, expect, now } = call;
        world.lock().judge(key, expect, now)?;
        if let Some(stored) = world.lock().map.get_mut(key) {
            stored.record.data = record.data.clone();
        }
        interlude().await;
        world.with(|sessions| call.on(sessions))
    }
}

#[async_trait]
impl Flaw for HalfTouched {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        let Touch { key, expect, accessed_at, expires_at, now } = call;
        let old = world.lock().live(key, now).cloned().ok_or(Error::Missing)?;
        let Record { accessed_at: old_access, expires_at: old_expiry, .. } = old.record;
        let revision = world.lock().touch(key, expect, old_access, old_expiry, now)?;
        interlude().await;
        if let Some(stored) = world.lock().map.get_mut(key) {
            (stored.record.accessed_at, stored.record.expires_at) = (accessed_at, expires_at);
        }
        Ok(revision)
    }
}

#[async_trait]
impl Flaw for RenewedByRemoval {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { key, record, expect, now } = call;
        let revision = world.lock().judge(key, expect, now)?;
        world.lock().map.remove(key);
        interlude().await;
        world.lock().map.insert(*key, Stored { record: record.clone(), revision });
        Ok(revision)
    }
}
