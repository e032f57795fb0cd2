//! Locks in the hand of a future that nobody polls.

use std::time::Duration;

use async_trait::async_trait;
use session_core::{Result, Revision, Timestamp};

use crate::saboteurs::{Flaw, Page, Save, World, interlude, saboteurs};

saboteurs! {
    sweeps_take_turns_in_idleness SweepsTakeTurnsInIdleness caught by "CAN-007": "A sweep waits for the medium with the lock of all sweeps in its hand.";
    counts_take_turns_in_idleness CountsTakeTurnsInIdleness caught by "CAN-007": "A count waits for the medium with the lock of all counts in its hand.";
    a_lock_is_taken_after_a_look ALockIsTakenAfterALook caught by "CAN-007": "A save takes its time to look, and then waits for the medium with a lock in its hand.";
}

/// What only one call has at a time.
type Turn = tokio::sync::Mutex<()>;

#[async_trait]
impl Flaw for SweepsTakeTurnsInIdleness {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let turn = world.part::<Turn>();
        let _held = turn.lock().await;
        interlude().await;
        Ok(world.with(|sessions| sessions.delete_expired(now, limit)))
    }
}

#[async_trait]
impl Flaw for CountsTakeTurnsInIdleness {
    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        let turn = world.part::<Turn>();
        let _held = turn.lock().await;
        interlude().await;
        let page = Page { after: None, limit: usize::MAX, now };
        Ok(page.on(&world.lock()).len() as u64)
    }
}

#[async_trait]
impl Flaw for ALockIsTakenAfterALook {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        let turn = world.part::<Turn>();
        let _held = turn.lock().await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        world.with(|sessions| call.on(sessions))
    }
}
