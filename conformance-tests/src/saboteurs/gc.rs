//! Flaws of a sweep.

use async_trait::async_trait;
use std::time::Duration;

use session_core::{Error, Key, Record, Result, Revision, Timestamp};

use super::{Flaw, Touch, World, pause, saboteurs};

saboteurs! {
    sweeps_nothing SweepsNothing caught by "GC-001": "A sweep answers 0 and deletes nothing.";
    sweeps_a_millisecond_early SweepsAMillisecondEarly caught by "GC-001": "A sweep deletes what has a millisecond to live.";
    sweeps_a_millisecond_late SweepsAMillisecondLate caught by "GC-001": "A sweep leaves what has just died.";
    sweeps_by_access SweepsByAccess caught by "GC-001": "A sweep deletes what was not used for a day.";
    sweeps_all_and_counts_few SweepsAllAndCountsFew caught by "GC-007": "A sweep counts up to its limit and deletes all.";
    sweeps_without_limit SweepsWithoutLimit caught by "GC-007": "A sweep has no limit.";
    sweeps_half_of_its_limit SweepsHalfOfItsLimit caught by "GC-007": "A sweep does half of what it is allowed to.";
    sweep_scans_then_deletes SweepScansThenDeletes caught by "GC-004": "A sweep deletes what a scan found dead, whatever has happened to it since.";
    sweep_counts_what_it_saw SweepCountsWhatItSaw caught by "GC-005": "A sweep counts what it found, though another sweep deleted it.";
    sweep_goes_by_the_first_end SweepGoesByTheFirstEnd caught by "TCH-007": "A touch does not move the end that a sweep goes by.";
    sweep_forgets_the_replaced SweepForgetsTheReplaced caught by "GC-009": "A session that was written more than once is swept by none.";
    a_sweep_gives_up_among_the_living ASweepGivesUpAmongTheLiving caught by "GC-007": "A sweep looks at ten times as many sessions as it may delete.";
    a_sweep_counts_before_it_deletes ASweepCountsBeforeItDeletes caught by "GC-005": "A sweep counts what is dead, lets others have their turn, and deletes it.";
    only_none_is_a_limit OnlyNoneIsALimit caught by "GC-007": "A sweep knows no limit but 0.";
}

#[async_trait]
impl Flaw for SweepsNothing {
    async fn delete_expired(&self, _: &World, _: Timestamp, _: usize) -> Result<usize> {
        Ok(0)
    }
}

#[async_trait]
impl Flaw for SweepsAMillisecondEarly {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| sessions.delete_expired(now + Duration::from_millis(1), limit)))
    }
}

#[async_trait]
impl Flaw for SweepsAMillisecondLate {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let before = Timestamp::from_millis(now.as_millis().saturating_sub(1));
        Ok(world.with(|sessions| sessions.delete_expired(before, limit)))
    }
}

#[async_trait]
impl Flaw for SweepsByAccess {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| {
            let swept = sessions.delete_expired(now, limit);
            let old = |record: &Record| now.since(record.accessed_at) > Duration::from_secs(86_400);
            sessions.map.retain(|_, stored| !old(&stored.record));
            swept
        }))
    }
}

#[async_trait]
impl Flaw for SweepsAllAndCountsFew {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| sessions.delete_expired(now, usize::MAX)).min(limit))
    }
}

#[async_trait]
impl Flaw for SweepsWithoutLimit {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let _ = limit;
        Ok(world.with(|sessions| sessions.delete_expired(now, usize::MAX)))
    }
}

#[async_trait]
impl Flaw for SweepsHalfOfItsLimit {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| sessions.delete_expired(now, limit.div_ceil(2))))
    }
}

#[async_trait]
impl Flaw for SweepScansThenDeletes {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let dead: Vec<Key> = world.lock().dead(now).take(limit).collect();
        let mut swept = 0;
        for key in dead {
            pause();
            swept += usize::from(world.with(|sessions| sessions.delete(&key)));
        }
        Ok(swept)
    }
}

#[async_trait]
impl Flaw for SweepCountsWhatItSaw {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let dead: Vec<Key> = world.lock().dead(now).take(limit).collect();
        pause();
        for key in &dead {
            world.with(|sessions| sessions.live(key, now).is_none() && sessions.delete(key));
        }
        Ok(dead.len())
    }
}

#[async_trait]
impl Flaw for SweepGoesByTheFirstEnd {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let end =
                sessions.map.get(call.key).map(|stored| stored.record.expires_at).ok_or(Error::Missing)?;
            let revision = call.on(sessions)?;
            sessions.memory.ends.entry(*call.key).or_insert(end);
            Ok(revision)
        })
    }

    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| {
            let early: Vec<Key> =
                sessions.memory.ends.iter().filter(|(_, end)| **end <= now).map(|(key, _)| *key).collect();
            let early = early.iter().filter(|key| sessions.delete(key)).count();
            early + sessions.delete_expired(now, limit)
        }))
    }
}

#[async_trait]
impl Flaw for SweepForgetsTheReplaced {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| {
            let dead: Vec<Key> = sessions
                .dead(now)
                .filter(|key| !sessions.memory.ends.contains_key(key))
                .take(limit)
                .collect();
            dead.iter().filter(|key| sessions.delete(key)).count()
        }))
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| {
            sessions.memory.ends.insert(*call.key, call.expires_at);
            call.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for OnlyNoneIsALimit {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| sessions.delete_expired(now, if limit == 0 { 0 } else { usize::MAX })))
    }
}

#[async_trait]
impl Flaw for ASweepGivesUpAmongTheLiving {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| {
            let looked_at = sessions.map.iter().take(limit.saturating_mul(10));
            let dead = looked_at.filter(|(_, stored)| !stored.record.is_live(now)).map(|(key, _)| *key);
            let dead: Vec<Key> = dead.take(limit).collect();
            dead.iter().filter(|key| sessions.delete(key)).count()
        }))
    }
}

#[async_trait]
impl Flaw for ASweepCountsBeforeItDeletes {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let dead = world.lock().dead(now).take(limit).count();
        tokio::task::yield_now().await;
        world.with(|sessions| sessions.delete_expired(now, limit));
        Ok(dead)
    }
}
