//! Flaws at the ends of what there is: of time, of revisions, of names.

use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use session_core::{Expect, Key, Owner, Record, Result, Revision, Stored, Timestamp};

use super::{Flaw, Page, Save, Touch, World, saboteurs};

saboteurs! {
    the_eternal_are_never_swept TheEternalAreNeverSwept caught by "EXP-014": "A session that ends with time is swept by nobody.";
    the_eternal_are_listed_for_ever TheEternalAreListedForEver caught by "EXP-015": "At the end of time lists show what has just died.";
    an_end_of_zero_is_never_swept AnEndOfZeroIsNeverSwept caught by "EXP-014": "A session that ended at the epoch is swept by nobody.";
    the_lately_used_are_not_swept TheLatelyUsedAreNotSwept caught by "EXP-011": "A session that was accessed after its end is swept by nobody.";
    at_the_epoch_all_live AtTheEpochAllLive caught by "EXP-014": "A load at the epoch shows what ended at the epoch.";
    a_touch_lasts_a_year_at_most ATouchLastsAYearAtMost caught by "KEY-001": "A touch never moves the end further than 400 days.";
    the_last_revision_is_an_error TheLastRevisionIsAnError caught by "CAS-003": "A write at the last revision there is counts on before it looks.";
    revisions_lose_a_bytes_carry RevisionsLoseABytesCarry caught by "CAS-016": "A revision whose lowest byte comes to zero falls back by 256.";
    revisions_lose_two_bytes_carry RevisionsLoseTwoBytesCarry caught by "CAS-016": "A revision whose two lowest bytes come to zero falls back by 65,536.";
    first_revisions_have_31_bits FirstRevisionsHave31Bits caught by "CRE-007": "First revisions are random below 2^31 only.";
    first_revisions_end_in_zeros FirstRevisionsEndInZeros caught by "CRE-007": "First revisions are random in their upper half only.";
    delete_leaves_the_dead DeleteLeavesTheDead caught by "CRUD-015": "A delete finds a dead session absent, and leaves it.";
    a_dead_save_is_a_delete ADeadSaveIsADelete caught by "MBT-001": "A save whose end has passed deletes.";
    a_touch_drops_the_longest_owner ATouchDropsTheLongestOwner caught by "TCH-001": "A touch drops an owner of 255 bytes.";
}

#[async_trait]
impl Flaw for TheEternalAreNeverSwept {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        sweep_but(world, now, limit, Timestamp::MAX)
    }
}

#[async_trait]
impl Flaw for AnEndOfZeroIsNeverSwept {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        sweep_but(world, now, limit, Timestamp::EPOCH)
    }
}

#[async_trait]
impl Flaw for TheLatelyUsedAreNotSwept {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| {
            let is_used = |key: &Key| {
                let record = sessions.map.get(key).map(|stored| &stored.record);
                record.is_some_and(|record| record.accessed_at > record.expires_at)
            };
            let dead: Vec<Key> = sessions.dead(now).filter(|key| !is_used(key)).take(limit).collect();
            dead.iter().filter(|key| sessions.delete(key)).count()
        }))
    }
}

#[async_trait]
impl Flaw for AtTheEpochAllLive {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let sessions = world.lock();
        if now == Timestamp::EPOCH { Ok(sessions.map.get(key).cloned()) } else { sessions.load(key, now) }
    }
}

/// Sweeps all but those that end at `spared`.
fn sweep_but(world: &World, now: Timestamp, limit: usize, spared: Timestamp) -> Result<usize> {
    Ok(world.with(|sessions| {
        let ends = |key: &Key| sessions.map.get(key).map(|stored| stored.record.expires_at);
        let dead: Vec<Key> = sessions.dead(now).filter(|key| ends(key) != Some(spared)).take(limit).collect();
        dead.iter().filter(|key| sessions.delete(key)).count()
    }))
}

#[async_trait]
impl Flaw for TheEternalAreListedForEver {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        Ok(Page { now: before_the_last(call.now), ..call }.on(&world.lock()))
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        Ok(world.lock().owned_by(owner, before_the_last(now)))
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(world.lock().count(before_the_last(now)))
    }
}

fn before_the_last(now: Timestamp) -> Timestamp {
    now.min(Timestamp::from_millis(i64::MAX - 1))
}

#[async_trait]
impl Flaw for ATouchLastsAYearAtMost {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        let furthest = Timestamp::from_millis(call.now.as_millis().saturating_add(400 * 86_400_000));
        world.with(|sessions| Touch { expires_at: call.expires_at.min(furthest), ..call }.on(sessions))
    }
}

#[async_trait]
impl Flaw for TheLastRevisionIsAnError {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        if let Expect::Revision(revision) = call.expect {
            revision.next()?;
        }
        world.with(|sessions| call.on(sessions))
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        call.expect.next()?;
        world.with(|sessions| call.on(sessions))
    }
}

/// Saves, and has a revision fall back that ends in so many zero bits.
fn save_and_carry(world: &World, call: Save<'_>, bits: u32) -> Result<Revision> {
    world.with(|sessions| {
        let revision = call.on(sessions)?;
        if call.expect == Expect::Absent || revision.as_i64().trailing_zeros() < bits {
            return Ok(revision);
        }
        let fallen = Revision::from_i64((revision.as_i64() - (1 << bits)).max(0))?;
        sessions.map.entry(*call.key).and_modify(|stored| stored.revision = fallen);
        Ok(fallen)
    })
}

#[async_trait]
impl Flaw for RevisionsLoseABytesCarry {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save_and_carry(world, call, 8)
    }
}

#[async_trait]
impl Flaw for RevisionsLoseTwoBytesCarry {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save_and_carry(world, call, 16)
    }
}

#[async_trait]
impl Flaw for FirstRevisionsHave31Bits {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save_with_first(world, call, 0x7fff_ffff)
    }
}

#[async_trait]
impl Flaw for FirstRevisionsEndInZeros {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save_with_first(world, call, !0x7fff_ffff)
    }
}

/// Saves, and keeps these bits of a first revision.
fn save_with_first(world: &World, call: Save<'_>, bits: i64) -> Result<Revision> {
    world.with(|sessions| {
        let revision = call.on(sessions)?;
        let Expect::Absent = call.expect else { return Ok(revision) };
        let first = Revision::from_i64(revision.as_i64() & bits)?;
        sessions.map.entry(*call.key).and_modify(|stored| stored.revision = first);
        Ok(first)
    })
}

/// The time of the last call that named one.
#[derive(Default)]
struct LastTime(AtomicI64);

#[async_trait]
impl Flaw for DeleteLeavesTheDead {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        world.part::<LastTime>().0.store(now.as_millis(), Ordering::SeqCst);
        world.lock().load(key, now)
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        let last = Timestamp::from_millis(world.part::<LastTime>().0.load(Ordering::SeqCst));
        world.with(|sessions| {
            let is_dead = sessions.map.get(key).is_some_and(|stored| !stored.record.is_live(last));
            !is_dead && sessions.delete(key)
        });
        Ok(())
    }
}

#[async_trait]
impl Flaw for ADeadSaveIsADelete {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let revision = call.on(sessions)?;
            if !call.record.is_live(call.now) {
                sessions.delete(call.key);
            }
            Ok(revision)
        })
    }
}

#[async_trait]
impl Flaw for ATouchDropsTheLongestOwner {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let revision = call.on(sessions)?;
            let longest = |owner: &Owner| owner.as_str().len() == Owner::MAX_BYTES;
            sessions.map.entry(*call.key).and_modify(|stored| {
                let Record { owner, .. } = &mut stored.record;
                *owner = owner.take().filter(|owner| !longest(owner));
            });
            Ok(revision)
        })
    }
}
