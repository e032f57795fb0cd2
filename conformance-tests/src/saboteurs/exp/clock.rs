//! Flaws of stores that look at the clock of their machine.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use session_core::{Clock, Expect, Key, Object, Owner, Result, Revision, Stored, SystemClock, Timestamp};

use crate::{
    saboteurs::{Flaw, Page, Put, Save, Touch, World, saboteurs},
    stopwatch::Stopwatch,
};

saboteurs! {
    a_create_goes_by_the_clock ACreateGoesByTheClock caught by "EXP-019": "A creation goes by the machine's clock where that is later.";
    a_save_goes_by_the_clock ASaveGoesByTheClock caught by "EXP-018": "A save goes by the machine's clock where that is later.";
    a_touch_goes_by_the_clock ATouchGoesByTheClock caught by "EXP-018": "A touch goes by the machine's clock where that is later.";
    a_sweep_goes_by_the_clock ASweepGoesByTheClock caught by "EXP-018": "A sweep goes by the machine's clock where that is later.";
    lists_go_by_the_clock ListsGoByTheClock caught by "EXP-018": "Lists and counts go by the machine's clock where that is later.";
    objects_go_by_the_clock ObjectsGoByTheClock caught by "EXP-018": "Objects go by the machine's clock where that is later.";
    a_timer_ends_sessions ATimerEndsSessions caught by "EXP-018": "A timer ends each session, in whole seconds, beside the time that is given.";
}

/// Returns the machine's time, or `now` where that is later.
fn at_least(now: Timestamp) -> Timestamp {
    now.max(SystemClock.now())
}

#[async_trait]
impl Flaw for ACreateGoesByTheClock {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let now = if call.expect == Expect::Absent { at_least(call.now) } else { call.now };
        world.with(|sessions| Save { now, ..call }.on(sessions))
    }
}

#[async_trait]
impl Flaw for ASaveGoesByTheClock {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let now = if call.expect == Expect::Absent { call.now } else { at_least(call.now) };
        world.with(|sessions| Save { now, ..call }.on(sessions))
    }
}

#[async_trait]
impl Flaw for ATouchGoesByTheClock {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| Touch { now: at_least(call.now), ..call }.on(sessions))
    }
}

#[async_trait]
impl Flaw for ASweepGoesByTheClock {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| sessions.delete_expired(at_least(now), limit)))
    }
}

#[async_trait]
impl Flaw for ListsGoByTheClock {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        Ok(Page { now: at_least(call.now), ..call }.on(&world.lock()))
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        Ok(world.lock().owned_by(owner, at_least(now)))
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(world.lock().count(at_least(now)))
    }
}

impl Flaw for ObjectsGoByTheClock {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        world.with(|sessions| Put { now: at_least(call.now), ..call }.on(sessions))
    }

    fn object(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        world.lock().object(key, name, at_least(now))
    }
}

/// For how long each session has been there, and when a timer ends it.
type Timers = Mutex<HashMap<Key, (Stopwatch, Duration)>>;

#[async_trait]
impl Flaw for ATimerEndsSessions {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let timers = world.part::<Timers>();
        let timers = timers.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = timers.get(key).is_some_and(|(watch, life)| watch.elapsed() >= *life);
        if is_over { Ok(None) } else { world.lock().load(key, now) }
    }

    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let seconds = call.record.expires_at.since(call.now).as_millis().div_ceil(1_000);
        // What lives for longer than a day needs no timer.
        let life = u64::try_from(seconds).ok().filter(|seconds| *seconds < 86_400);
        let timers = world.part::<Timers>();
        let mut timers = timers.lock().unwrap_or_else(PoisonError::into_inner);
        timers.remove(call.key);
        timers.extend(life.map(|life| (*call.key, (Stopwatch::start(), Duration::from_secs(life)))));
        world.with(|sessions| call.on(sessions))
    }
}
