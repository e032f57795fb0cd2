//! Writes that are answered at once and made later, or never, whatever other threads do.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use session_core::{Expect, Key, Owner, Result, Revision, Stored, Timestamp};

use super::{Flaw, Page, Save, Touch, World, saboteurs};
use crate::reference::Sessions;

saboteurs! {
    a_write_waits_for_the_next_one AWriteWaitsForTheNextOne caught by "CRUD-004": "A write is answered Ok and made with the next one.";
    the_first_load_is_too_early TheFirstLoadIsTooEarly caught by "CRUD-004": "The first load after a write shows what was there before it.";
    lists_are_one_write_behind ListsAreOneWriteBehind caught by "LST-012": "Lists and counts show what was there before the last write.";
    every_third_write_is_lost EveryThirdWriteIsLost caught by "CRUD-003": "Every third write is answered Ok and not made.";
    every_seventh_write_is_lost EverySeventhWriteIsLost caught by "CRUD-003": "Every seventh write is answered Ok and not made.";
}

/// What was under a key, or what is going to be.
type Place = (Key, Option<Stored>);

/// The last write, which nobody has made yet.
type Waiting = Mutex<Option<Place>>;

/// Makes the write that waits, and has this one wait in its place.
fn wait<T>(world: &World, key: &Key, write: impl FnOnce(&mut Sessions) -> T) -> T {
    let waiting = world.part::<Waiting>();
    let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
    world.with(|sessions| {
        if let Some((key, stored)) = waiting.take() {
            put(sessions, &key, stored);
        }
        let before = sessions.map.get(key).cloned();
        let answer = write(sessions);
        *waiting = Some((*key, sessions.map.get(key).cloned()));
        put(sessions, key, before);
        answer
    })
}

fn put(sessions: &mut Sessions, key: &Key, stored: Option<Stored>) {
    match stored {
        Some(stored) => drop(sessions.map.insert(*key, stored)),
        None => drop(sessions.map.remove(key)),
    }
}

#[async_trait]
impl Flaw for AWriteWaitsForTheNextOne {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        wait(world, call.key, |sessions| call.on(sessions))
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        wait(world, call.key, |sessions| call.on(sessions))
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        wait(world, key, |sessions| sessions.delete(key));
        Ok(())
    }
}

/// What was there before the last write of each key.
type Before = Mutex<HashMap<Key, Option<Stored>>>;

/// Makes a write, and remembers what was there before it.
fn remember<T>(world: &World, key: &Key, write: impl FnOnce(&mut Sessions) -> T) -> T {
    let before = world.part::<Before>();
    world.with(|sessions| {
        let stored = sessions.map.get(key).cloned();
        let answer = write(sessions);
        before.lock().unwrap_or_else(PoisonError::into_inner).insert(*key, stored);
        answer
    })
}

#[async_trait]
impl Flaw for TheFirstLoadIsTooEarly {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let before = world.part::<Before>();
        let before = before.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        match before {
            Some(before) => Ok(before.filter(|stored| stored.record.is_live(now))),
            None => world.lock().load(key, now),
        }
    }

    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        remember(world, call.key, |sessions| call.on(sessions))
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        remember(world, call.key, |sessions| call.on(sessions))
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        remember(world, key, |sessions| sessions.delete(key));
        Ok(())
    }
}

/// What the last write, or the last sweep, has replaced.
type Replaced = Mutex<Vec<Place>>;

/// Makes a write, and remembers what it replaces until the next one.
fn replace<T>(world: &World, keys: &[Key], write: impl FnOnce(&mut Sessions) -> T) -> T {
    let replaced = world.part::<Replaced>();
    world.with(|sessions| {
        let before = keys.iter().map(|key| (*key, sessions.map.get(key).cloned())).collect();
        *replaced.lock().unwrap_or_else(PoisonError::into_inner) = before;
        write(sessions)
    })
}

/// Returns the sessions as they were before the last write.
fn one_behind(world: &World) -> Sessions {
    let replaced = world.part::<Replaced>();
    let mut sessions = world.lock().clone();
    for (key, stored) in &*replaced.lock().unwrap_or_else(PoisonError::into_inner) {
        put(&mut sessions, key, stored.clone());
    }
    sessions
}

#[async_trait]
impl Flaw for ListsAreOneWriteBehind {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        replace(world, &[*call.key], |sessions| call.on(sessions))
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        replace(world, &[*call.key], |sessions| call.on(sessions))
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        replace(world, &[*key], |sessions| sessions.delete(key));
        Ok(())
    }

    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let dead: Vec<Key> = world.lock().dead(now).take(limit).collect();
        Ok(replace(world, &dead, |sessions| sessions.delete_expired(now, limit)))
    }

    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        Ok(call.on(&one_behind(world)))
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        Ok(one_behind(world).owned_by(owner, now))
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(one_behind(world).count(now))
    }
}

/// How many writes there were.
#[derive(Default)]
struct Writes(AtomicU64);

/// Returns whether it is the turn of this write to be lost, as each `turn`-th is.
fn is_lost(world: &World, turn: u64) -> bool {
    (world.part::<Writes>().0.fetch_add(1, Ordering::SeqCst) + 1).is_multiple_of(turn)
}

fn save(world: &World, call: Save<'_>, turn: u64) -> Result<Revision> {
    let lost = is_lost(world, turn);
    world.with(
        |sessions| {
            if lost { sessions.judge(call.key, call.expect, call.now) } else { call.on(sessions) }
        },
    )
}

fn touch(world: &World, call: Touch<'_>, turn: u64) -> Result<Revision> {
    let lost = is_lost(world, turn);
    world.with(|sessions| match lost {
        true => sessions.judge(call.key, Expect::Revision(call.expect), call.now),
        false => call.on(sessions),
    })
}

fn delete(world: &World, key: &Key, turn: u64) {
    if !is_lost(world, turn) {
        world.with(|sessions| sessions.delete(key));
    }
}

#[async_trait]
impl Flaw for EveryThirdWriteIsLost {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call, 3)
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        touch(world, call, 3)
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        delete(world, key, 3);
        Ok(())
    }
}

#[async_trait]
impl Flaw for EverySeventhWriteIsLost {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call, 7)
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        touch(world, call, 7)
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        delete(world, key, 7);
        Ok(())
    }
}
