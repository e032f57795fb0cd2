//! Flaws of data that are far too large.

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Owner, Record, Result, Revision, Stored, Timestamp};

use crate::{
    reference::Sessions,
    saboteurs::{Flaw, Page, Save, Touch, World, pause, saboteurs},
};

saboteurs! {
    data_are_cut_at_16_mib DataAreCutAt16Mib caught by "VAL-011": "Data end after 16 mebibytes.";
    a_refused_size_ends_the_session ARefusedSizeEndsTheSession caught by "VAL-011": "Who saves more than 4 mebibytes is refused, and the old session is gone.";
    a_refused_size_takes_the_key ARefusedSizeTakesTheKey caught by "VAL-011": "A create of more than 4 mebibytes is refused, and leaves an empty session.";
    a_refused_size_is_written ARefusedSizeIsWritten caught by "VAL-011": "Who saves more than 4 mebibytes is refused when it is written already.";
    a_refused_size_counts_up ARefusedSizeCountsUp caught by "VAL-011": "A save of more than 4 mebibytes is refused, and moves the revision.";
    too_much_is_dropped_quietly TooMuchIsDroppedQuietly caught by "VAL-011": "A save of more than 4 mebibytes is answered like any other, and not kept.";
    too_much_is_a_conflict TooMuchIsAConflict caught by "VAL-011": "A save of more than 4 mebibytes is answered as if another write had come first.";
    too_much_is_unknown TooMuchIsUnknown caught by "VAL-011": "Whether more than 4 mebibytes were kept is not known.";
    too_much_ends_writing TooMuchEndsWriting caught by "VAL-011": "After more than 4 mebibytes no save of that session is taken.";
    too_much_stays TooMuchStays caught by "VAL-011": "A delete leaves a session of more than 4 mebibytes.";
    too_much_pushes_others_out TooMuchPushesOthersOut caught by "VAL-011": "More than 4 mebibytes push another session out.";
    a_touch_cuts_too_much ATouchCutsTooMuch caught by "VAL-011": "A touch keeps 4 mebibytes of the data.";
    lists_cut_too_much ListsCutTooMuch caught by "VAL-011": "An owner's list shows 4 mebibytes of the data.";
    pages_cut_too_much PagesCutTooMuch caught by "VAL-011": "A page shows 4 mebibytes of the data.";
    pages_leave_out_too_much PagesLeaveOutTooMuch caught by "VAL-011": "A page shows no session of more than 4 mebibytes.";
    too_much_is_not_counted TooMuchIsNotCounted caught by "VAL-011": "The count has no session of more than 4 mebibytes.";
    sweeps_pass_over_too_much SweepsPassOverTooMuch caught by "VAL-011": "A sweep leaves a dead session of more than 4 mebibytes.";
    large_data_are_written_in_two_steps LargeDataAreWrittenInTwoSteps caught by "VAL-012": "Of data beyond 64 kibibytes the first half is written a moment before the second.";
}

/// What these stores think is too much.
const MAX: usize = 4 << 20;

/// Saves what is not too much, and leaves the rest to `refuse`.
fn save(
    world: &World,
    call: Save<'_>,
    refuse: impl FnOnce(&mut Sessions) -> Result<Revision>,
) -> Result<Revision> {
    let is_too_much = call.record.data.len() > MAX;
    world.with(|sessions| if is_too_much { refuse(sessions) } else { call.on(sessions) })
}

fn too_large(call: Save<'_>) -> Error {
    Error::TooLarge { size: call.record.data.len(), max: MAX }
}

fn cut(record: &Record, max: usize) -> Record {
    Record { data: record.data.slice(..record.data.len().min(max)), ..record.clone() }
}

#[async_trait]
impl Flaw for DataAreCutAt16Mib {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| call.of(&cut(call.record, 16 << 20), sessions))
    }
}

#[async_trait]
impl Flaw for ARefusedSizeEndsTheSession {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call, |sessions| {
            sessions.delete(call.key);
            Err(too_large(call))
        })
    }
}

#[async_trait]
impl Flaw for ARefusedSizeTakesTheKey {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call, |sessions| {
            if call.expect == Expect::Absent {
                call.of(&cut(call.record, 0), sessions)?;
            }
            Err(too_large(call))
        })
    }
}

#[async_trait]
impl Flaw for ARefusedSizeIsWritten {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call, |sessions| call.on(sessions).and(Err(too_large(call))))
    }
}

#[async_trait]
impl Flaw for ARefusedSizeCountsUp {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call, |sessions| {
            if let Some(stored) = sessions.map.get_mut(call.key) {
                stored.revision = stored.revision.next()?;
            }
            Err(too_large(call))
        })
    }
}

#[async_trait]
impl Flaw for TooMuchIsDroppedQuietly {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call, |sessions| sessions.judge(call.key, call.expect, call.now))
    }
}

#[async_trait]
impl Flaw for TooMuchIsAConflict {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call, |_| Err(Error::Conflict))
    }
}

#[async_trait]
impl Flaw for TooMuchIsUnknown {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call, |_| Err(Error::unknown("saboteur", "send a large record", "the line is cut")))
    }
}

#[async_trait]
impl Flaw for TooMuchEndsWriting {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let is_there = world.lock().map.get(call.key).is_some_and(|stored| stored.record.data.len() > MAX);
        if is_there && call.expect != Expect::Absent {
            Err(Error::Full)
        } else {
            world.with(|sessions| call.on(sessions))
        }
    }
}

#[async_trait]
impl Flaw for TooMuchStays {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        world.with(|sessions| {
            let is_small = sessions.map.get(key).is_none_or(|stored| stored.record.data.len() <= MAX);
            is_small.then(|| sessions.delete(key));
        });
        Ok(())
    }
}

#[async_trait]
impl Flaw for TooMuchPushesOthersOut {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call, |sessions| {
            let other = sessions.map.keys().find(|key| *key != call.key).copied();
            other.map(|other| sessions.delete(&other));
            call.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for ATouchCutsTooMuch {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let revision = call.on(sessions)?;
            if let Some(stored) = sessions.map.get_mut(call.key) {
                stored.record = cut(&stored.record, MAX);
            }
            Ok(revision)
        })
    }
}

#[async_trait]
impl Flaw for ListsCutTooMuch {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let owned = world.lock().owned_by(owner, now).into_iter();
        Ok(owned
            .map(|(key, Stored { record, revision })| (key, Stored { record: cut(&record, MAX), revision }))
            .collect())
    }
}

#[async_trait]
impl Flaw for LargeDataAreWrittenInTwoSteps {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let data = &call.record.data;
        if data.len() > 65_536 && call.expect != Expect::Absent {
            world.with(|sessions| {
                sessions.judge(call.key, call.expect, call.now)?;
                if let Some(stored) = sessions.map.get_mut(call.key) {
                    let half = data.len().min(stored.record.data.len()) / 2;
                    let (new, old) = (data.slice(..half), stored.record.data.slice(half..));
                    stored.record.data = [new, old].concat().into();
                }
                Ok::<_, Error>(())
            })?;
            pause();
        }
        world.with(|sessions| call.on(sessions))
    }
}

#[async_trait]
impl Flaw for PagesCutTooMuch {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let mut page = call.on(&world.lock());
        page.iter_mut().for_each(|(_, stored)| stored.record = cut(&stored.record, MAX));
        Ok(page)
    }
}

/// Returns the sessions that have not too much.
fn without_too_much(world: &World) -> Sessions {
    let mut sessions = world.lock().clone();
    sessions.map.retain(|_, stored| stored.record.data.len() <= MAX);
    sessions
}

#[async_trait]
impl Flaw for PagesLeaveOutTooMuch {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        Ok(call.on(&without_too_much(world)))
    }
}

#[async_trait]
impl Flaw for TooMuchIsNotCounted {
    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(without_too_much(world).count(now))
    }
}

#[async_trait]
impl Flaw for SweepsPassOverTooMuch {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| {
            let len = |key: &Key| sessions.map.get(key).map_or(0, |stored| stored.record.data.len());
            let dead: Vec<Key> = sessions.dead(now).filter(|key| len(key) <= MAX).take(limit).collect();
            dead.iter().filter(|key| sessions.delete(key)).count()
        }))
    }
}
