//! What a dropped future takes with it, and what one that nobody polls keeps from the others.

use std::{
    collections::HashSet,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Result, Revision, Stored, Timestamp};
use tokio::task::yield_now;

use crate::saboteurs::{Flaw, Save, World, interlude, saboteurs};

saboteurs! {
    permit_leaked PermitLeaked caught by "CAN-003": "A dropped load keeps one of 64 permits.";
    lists_leak_their_permits ListsLeakTheirPermits caught by "CAN-003": "A dropped list keeps one of 64 permits.";
    sweeps_leak_their_permits SweepsLeakTheirPermits caught by "CAN-003": "A dropped sweep keeps one of 64 permits.";
    poisoned_by_drops PoisonedByDrops caught by "CAN-003": "After a hundred dropped saves every save fails.";
    busy_mark_left BusyMarkLeft caught by "CAN-001": "A dropped save leaves its session marked as being written.";
    reservation_left ReservationLeft caught by "CAN-005": "A dropped creation leaves its key reserved.";
    sweeping_for_ever SweepingForEver caught by "CAN-001": "After a dropped sweep all others believe that it is still going on.";
    turn_never_taken TurnNeverTaken caught by "CAN-002": "Writes take turns, and a dropped one never takes its own.";
    lock_held_in_idleness LockHeldInIdleness caught by "CAN-007": "A save waits for the medium with a lock in its hand.";
    idle_is_forgotten IdleIsForgotten caught by "CAN-007": "A save that was not polled while many others were made is never answered.";
    worker_on_the_callers_runtime WorkerOnTheCallersRuntime caught by "CAN-006": "The first delete starts the task that does all deletes.";
    worker_awaited_for_ever WorkerAwaitedForEver caught by "CAN-006": "The task that does all deletes is waited for when it has ended with its runtime.";
}

/// How many there are of something.
#[derive(Default)]
pub(super) struct Count(pub(super) AtomicUsize);

#[async_trait]
impl Flaw for PermitLeaked {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let taken = world.part::<Count>();
        while taken.0.load(Ordering::SeqCst) >= 64 {
            yield_now().await;
        }
        taken.0.fetch_add(1, Ordering::SeqCst);
        interlude().await;
        let found = world.lock().load(key, now);
        taken.0.fetch_sub(1, Ordering::SeqCst);
        found
    }
}

#[async_trait]
impl Flaw for ListsLeakTheirPermits {
    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        let taken = world.part::<Count>();
        while taken.0.load(Ordering::SeqCst) >= 64 {
            yield_now().await;
        }
        taken.0.fetch_add(1, Ordering::SeqCst);
        interlude().await;
        let count = world.lock().count(now);
        taken.0.fetch_sub(1, Ordering::SeqCst);
        Ok(count)
    }
}

#[async_trait]
impl Flaw for SweepsLeakTheirPermits {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let taken = world.part::<Count>();
        while taken.0.load(Ordering::SeqCst) >= 64 {
            yield_now().await;
        }
        taken.0.fetch_add(1, Ordering::SeqCst);
        interlude().await;
        let swept = world.with(|sessions| sessions.delete_expired(now, limit));
        taken.0.fetch_sub(1, Ordering::SeqCst);
        Ok(swept)
    }
}

/// Counts what ends before it is finished.
struct Unfinished<'a>(&'a Count);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Flaw for PoisonedByDrops {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let drops = world.part::<Count>();
        if drops.0.load(Ordering::SeqCst) >= 100 {
            return Err(Error::backend("saboteur", "use a connection", "it is in an unknown state"));
        }
        let unfinished = Unfinished(&drops);
        interlude().await;
        drops.0.fetch_sub(1, Ordering::SeqCst);
        drop(unfinished);
        world.with(|sessions| call.on(sessions))
    }
}

/// Keys that are in use.
#[derive(Default)]
struct Marked(Mutex<HashSet<Key>>);

impl Marked {
    fn lock(&self) -> MutexGuard<'_, HashSet<Key>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Flaw for BusyMarkLeft {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { key, .. } = call;
        let busy = world.part::<Marked>();
        while !busy.lock().insert(*key) {
            yield_now().await;
        }
        interlude().await;
        let revision = world.with(|sessions| call.on(sessions));
        busy.lock().remove(key);
        revision
    }
}

#[async_trait]
impl Flaw for ReservationLeft {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { key, expect, now, .. } = call;
        let reserved = world.part::<Marked>();
        if expect == Expect::Absent {
            world.lock().judge(key, expect, now)?;
            if !reserved.lock().insert(*key) {
                return Err(Error::Exists);
            }
            interlude().await;
        }
        let revision = world.with(|sessions| call.on(sessions));
        reserved.lock().remove(key);
        revision
    }
}

/// Whether a sweep is going on.
#[derive(Default)]
struct Sweeping(AtomicBool);

#[async_trait]
impl Flaw for SweepingForEver {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let sweeping = world.part::<Sweeping>();
        if sweeping.0.swap(true, Ordering::SeqCst) {
            return Ok(0);
        }
        interlude().await;
        let swept = world.with(|sessions| sessions.delete_expired(now, limit));
        sweeping.0.store(false, Ordering::SeqCst);
        Ok(swept)
    }
}

/// Numbers that are handed out, and the one whose turn it is.
#[derive(Default)]
struct Turns {
    next: AtomicUsize,
    served: AtomicUsize,
}

#[async_trait]
impl Flaw for TurnNeverTaken {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        let turns = world.part::<Turns>();
        let mine = turns.next.fetch_add(1, Ordering::SeqCst);
        loop {
            yield_now().await;
            if turns.served.load(Ordering::SeqCst) == mine {
                break;
            }
        }
        world.with(|sessions| sessions.delete(key));
        turns.served.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[async_trait]
impl Flaw for LockHeldInIdleness {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let lock = world.part::<tokio::sync::Mutex<()>>();
        let _held = lock.lock().await;
        interlude().await;
        world.with(|sessions| call.on(sessions))
    }
}

#[async_trait]
impl Flaw for IdleIsForgotten {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let begun = world.part::<Count>();
        let mine = begun.0.fetch_add(1, Ordering::SeqCst);
        interlude().await;
        if begun.0.load(Ordering::SeqCst) > mine + 12 {
            std::future::pending::<()>().await;
        }
        world.with(|sessions| call.on(sessions))
    }
}

/// A delete, and whom to tell.
type Delete = (Key, tokio::sync::oneshot::Sender<()>);

/// The way to the task that deletes.
type Deletes = std::sync::OnceLock<tokio::sync::mpsc::UnboundedSender<Delete>>;

#[async_trait]
impl Flaw for WorkerOnTheCallersRuntime {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        has_deleted(world, key)
            .await
            .ok_or_else(|| Error::backend("saboteur", "reach the worker", "it has ended"))
    }
}

#[async_trait]
impl Flaw for WorkerAwaitedForEver {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        match has_deleted(world, key).await {
            Some(()) => Ok(()),
            None => std::future::pending().await,
        }
    }
}

/// Has the worker delete a session; returns nothing when it has ended.
async fn has_deleted(world: &World, key: &Key) -> Option<()> {
    let deletes = world.part::<Deletes>();
    let worker = deletes.get_or_init(|| start_worker(world.clone()));
    let (done, end) = tokio::sync::oneshot::channel();
    worker.send((*key, done)).ok()?;
    end.await.ok()
}

fn start_worker(world: World) -> tokio::sync::mpsc::UnboundedSender<Delete> {
    let (sender, mut deletes) = tokio::sync::mpsc::unbounded_channel::<Delete>();
    tokio::spawn(async move {
        while let Some((key, done)) = deletes.recv().await {
            world.with(|sessions| sessions.delete(&key));
            let _ = done.send(());
        }
    });
    sender
}
