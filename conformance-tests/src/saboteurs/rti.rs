//! Flaws of runtimes, threads and blocking.

use async_trait::async_trait;
use session_core::{Key, Owner, Result, Revision, Stored, Timestamp};
use tokio::task::block_in_place;

use super::{Flaw, Page, Save, World, pause, saboteurs};

saboteurs! {
    a_page_needs_many_threads APageNeedsManyThreads caught by "RTI-001": "A page is made where a runtime of many threads does what blocks.";
    an_owner_needs_many_threads AnOwnerNeedsManyThreads caught by "RTI-001": "The sessions of an owner are found where a runtime of many threads does what blocks.";
    a_save_sleeps ASaveSleeps caught by "RTI-005": "A save sleeps inside `poll`.";
    a_count_sleeps ACountSleeps caught by "RTI-005": "A count sleeps inside `poll`.";
}

#[async_trait]
impl Flaw for APageNeedsManyThreads {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        block_in_place(|| Ok(call.on(&world.lock())))
    }
}

#[async_trait]
impl Flaw for AnOwnerNeedsManyThreads {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        block_in_place(|| Ok(world.lock().owned_by(owner, now)))
    }
}

#[async_trait]
impl Flaw for ASaveSleeps {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        pause();
        world.with(|sessions| call.on(sessions))
    }
}

#[async_trait]
impl Flaw for ACountSleeps {
    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        pause();
        Ok(world.lock().count(now))
    }
}
