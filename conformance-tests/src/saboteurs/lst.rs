//! Flaws of lists.

pub(super) mod alike;
pub(super) mod instant;
pub(super) mod owners;
pub(super) mod places;
pub(super) mod times;

use async_trait::async_trait;
use bytes::Bytes;
use session_core::{Error, Expect, Key, Record, Result, Revision, Stored, Timestamp};

use super::{Flaw, Page, Save, World, pause, saboteurs};

saboteurs! {
    page_begins_with_the_last PageBeginsWithTheLast caught by "LST-002": "A page begins with the key it is to go on from.";
    page_is_one_short PageIsOneShort caught by "LST-002": "A page never shows the last session.";
    page_in_another_order PageInAnotherOrder caught by "LST-002": "A page shows sessions by the age of their revisions.";
    page_forgets_the_owner PageForgetsTheOwner caught by "LST-002": "A page shows no owners.";
    page_needs_its_key PageNeedsItsKey caught by "LST-004": "A page after a key that is not there is empty.";
    page_of_none_is_all PageOfNoneIsAll caught by "LST-006": "A limit of 0 is no limit.";
    page_shows_the_dead PageShowsTheDead caught by "EXP-003": "A page shows dead sessions.";
    count_counts_the_dead CountCountsTheDead caught by "EXP-003": "The count counts dead sessions.";
    written_is_away_for_a_moment WrittenIsAwayForAMoment caught by "LST-000": "A save takes the session out and puts it back under the next lock.";
    count_forgets_to_go_down CountForgetsToGoDown caught by "LST-012": "The count goes on counting what was deleted.";
    listed_revision_is_old ListedRevisionIsOld caught by "LST-013": "A list shows the revision before the last.";
    page_misses_what_was_written_last PageMissesWhatWasWrittenLast caught by "LST-015": "A page does not show the session with the highest first revision.";
    a_page_shows_a_ghost APageShowsAGhost caught by "LST-001": "A page ends with a session that is not there.";
    a_ghost_is_counted AGhostIsCounted caught by "LST-001": "The count is one too many.";
    writes_are_counted WritesAreCounted caught by "LST-012": "The count counts saves.";
}

#[async_trait]
impl Flaw for PageBeginsWithTheLast {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let before = call.after.map(|after| u128::from_be_bytes(*after.as_bytes()).saturating_sub(1));
        let before = before.map(|number| Key::from_bytes(number.to_be_bytes()));
        Ok(Page { after: before.as_ref(), ..call }.on(&world.lock()))
    }
}

#[async_trait]
impl Flaw for PageIsOneShort {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let mut sessions = world.lock().clone();
        sessions.map.pop_last();
        Ok(call.on(&sessions))
    }
}

#[async_trait]
impl Flaw for PageInAnotherOrder {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let mut page = call.on(&world.lock());
        page.sort_by_key(|(_, stored)| stored.revision);
        Ok(page)
    }
}

#[async_trait]
impl Flaw for PageForgetsTheOwner {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let mut page = call.on(&world.lock());
        page.iter_mut().for_each(|(_, stored)| stored.record.owner = None);
        Ok(page)
    }
}

#[async_trait]
impl Flaw for PageNeedsItsKey {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let sessions = world.lock();
        if call.after.is_some_and(|after| !sessions.map.contains_key(after)) {
            return Ok(Vec::new());
        }
        Ok(call.on(&sessions))
    }
}

#[async_trait]
impl Flaw for PageOfNoneIsAll {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let limit = if call.limit == 0 { usize::MAX } else { call.limit };
        Ok(Page { limit, ..call }.on(&world.lock()))
    }
}

#[async_trait]
impl Flaw for PageShowsTheDead {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        Ok(Page { now: Timestamp::EPOCH, ..call }.on(&world.lock()))
    }
}

#[async_trait]
impl Flaw for CountCountsTheDead {
    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        let _ = now;
        Ok(world.lock().count(Timestamp::EPOCH))
    }
}

#[async_trait]
impl Flaw for WrittenIsAwayForAMoment {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Expect::Revision(_) = call.expect else { return world.with(|sessions| call.on(sessions)) };
        let revision = world.lock().judge(call.key, call.expect, call.now)?;
        let old = world.lock().map.remove(call.key).ok_or(Error::Conflict)?;
        pause();
        world.lock().map.insert(*call.key, Stored { record: call.record.clone(), revision });
        drop(old);
        Ok(revision)
    }
}

#[async_trait]
impl Flaw for CountForgetsToGoDown {
    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        let count = world.lock().count(now);
        let mut sessions = world.lock();
        let most = sessions.memory.count_max.max(count);
        sessions.memory.count_max = most;
        Ok(most)
    }
}

#[async_trait]
impl Flaw for ListedRevisionIsOld {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let mut page = call.on(&world.lock());
        for (_, stored) in &mut page {
            stored.revision = Revision::from_i64(stored.revision.as_i64().saturating_sub(1))?;
        }
        Ok(page)
    }
}

#[async_trait]
impl Flaw for PageMissesWhatWasWrittenLast {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let page = call.on(&world.lock());
        let highest = page.iter().map(|(_, stored)| stored.revision).max().filter(|_| page.len() > 4);
        Ok(page.into_iter().filter(|(_, stored)| Some(stored.revision) != highest).collect())
    }
}

#[async_trait]
impl Flaw for APageShowsAGhost {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let mut page = call.on(&world.lock());
        page.push(ghost(call.now)?);
        page.truncate(call.limit);
        Ok(page)
    }
}

#[async_trait]
impl Flaw for AGhostIsCounted {
    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(world.lock().count(now) + 1)
    }
}

#[async_trait]
impl Flaw for WritesAreCounted {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let revision = world.with(|sessions| call.on(sessions))?;
        world.lock().memory.writes += u64::from(call.expect != Expect::Absent);
        Ok(revision)
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        let sessions = world.lock();
        Ok(sessions.count(now) + sessions.memory.writes)
    }
}

/// A session that is nowhere but in a list.
fn ghost(now: Timestamp) -> Result<(Key, Stored)> {
    let record = Record { data: Bytes::new(), accessed_at: now, expires_at: Timestamp::MAX, owner: None };
    Ok((Key::from_bytes([0xfe; 16]), Stored { record, revision: Revision::from_i64(7)? }))
}
