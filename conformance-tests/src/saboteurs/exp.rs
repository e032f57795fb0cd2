//! Flaws about when a session is dead.

pub(super) mod clock;
pub(super) mod epoch;

use async_trait::async_trait;
use session_core::{Expect, Key, Record, Result, Revision, Stored, Timestamp};

use super::{Flaw, Save, World, saboteurs};

saboteurs! {
    lives_a_millisecond_longer LivesAMillisecondLonger caught by "EXP-001": "A session is live at `expires_at` too.";
    dies_a_millisecond_early DiesAMillisecondEarly caught by "EXP-001": "A session is dead a millisecond too early.";
    lives_until_it_is_swept LivesUntilItIsSwept caught by "EXP-001": "A load does not look at the time.";
    save_revives_the_dead SaveRevivesTheDead caught by "EXP-002": "A save does not look at the time.";
    lives_a_second_longer LivesASecondLonger caught by "EXP-007": "The end is rounded up to a second.";
    times_are_32_bit_seconds TimesAre32BitSeconds caught by "EXP-005": "The end is kept in 32 bits of seconds.";
    dead_saves_live_on DeadSavesLiveOn caught by "EXP-004": "A save whose end has passed lives for another day.";
    found_dead_is_deleted FoundDeadIsDeleted caught by "EXP-009": "A load that finds a session dead deletes it.";
    a_save_never_shortens ASaveNeverShortens caught by "EXP-012": "A save keeps the later of two ends.";
    sweeps_by_the_latest_time SweepsByTheLatestTime caught by "EXP-009": "A sweep goes by the latest time that any call has named.";
    time_only_goes_on TimeOnlyGoesOn caught by "EXP-009": "A load goes by the latest time that any load has named.";
}

#[async_trait]
impl Flaw for LivesAMillisecondLonger {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        world.lock().load(key, Timestamp::from_millis(now.as_millis().saturating_sub(1)))
    }
}

#[async_trait]
impl Flaw for DiesAMillisecondEarly {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        world.lock().load(key, Timestamp::from_millis(now.as_millis().saturating_add(1)))
    }
}

#[async_trait]
impl Flaw for LivesUntilItIsSwept {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let _ = now;
        world.lock().load(key, Timestamp::EPOCH)
    }
}

#[async_trait]
impl Flaw for SaveRevivesTheDead {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| Save { now: Timestamp::EPOCH, ..call }.on(sessions))
    }
}

#[async_trait]
impl Flaw for LivesASecondLonger {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let millis = call.record.expires_at.as_millis();
        let expires_at = Timestamp::from_millis(millis.saturating_add(999) / 1_000 * 1_000);
        world.with(|sessions| call.of(&Record { expires_at, ..call.record.clone() }, sessions))
    }
}

#[async_trait]
impl Flaw for TimesAre32BitSeconds {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let last = Timestamp::from_millis(i64::from(u32::MAX) * 1_000);
        let expires_at = call.record.expires_at.min(last);
        world.with(|sessions| call.of(&Record { expires_at, ..call.record.clone() }, sessions))
    }
}

#[async_trait]
impl Flaw for DeadSavesLiveOn {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let tomorrow = call.now + std::time::Duration::from_secs(86_400);
        let dead = !call.record.is_live(call.now);
        let expires_at = if dead { tomorrow } else { call.record.expires_at };
        world.with(|sessions| call.of(&Record { expires_at, ..call.record.clone() }, sessions))
    }
}

#[async_trait]
impl Flaw for FoundDeadIsDeleted {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let found = world.lock().load(key, now)?;
        if found.is_none() {
            world.lock().map.remove(key);
        }
        Ok(found)
    }
}

#[async_trait]
impl Flaw for ASaveNeverShortens {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let old = sessions.live(call.key, call.now).map(|stored| stored.record.expires_at);
            let kept = old.filter(|_| call.expect != Expect::Absent).unwrap_or_default();
            let expires_at = call.record.expires_at.max(kept);
            call.of(&Record { expires_at, ..call.record.clone() }, sessions)
        })
    }
}

#[async_trait]
impl Flaw for SweepsByTheLatestTime {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let mut sessions = world.lock();
        sessions.memory.latest = sessions.memory.latest.max(now);
        sessions.load(key, now)
    }

    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| {
            let latest = sessions.memory.latest.max(now);
            sessions.delete_expired(latest, limit)
        }))
    }
}

#[async_trait]
impl Flaw for TimeOnlyGoesOn {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let mut sessions = world.lock();
        sessions.memory.latest = sessions.memory.latest.max(now);
        sessions.load(key, sessions.memory.latest)
    }
}
