//! Flaws of making room that show when others are at work at that moment.

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Result, Revision, Timestamp};

use crate::{
    reference::Sessions,
    saboteurs::{Flaw, Gone, Save, World, in_turn, pause, saboteurs},
};

saboteurs! {
    chooses_whom_to_evict_beforehand ChoosesWhomToEvictBeforehand caught by "BND-016": "Who is evicted is chosen under one lock and deleted under the next, whoever has used it meanwhile.";
    tells_in_the_turn_of_writes TellsInTheTurnOfWrites caught by "BND-014": "Who was evicted is told while creates, deletes and sweeps wait; loads do not.";
    tells_by_the_first_end TellsByTheFirstEnd caught by "BND-014": "Whether an evicted session lived is decided by its end at the time of creation.";
    makes_room_before_it_looks_at_the_size MakesRoomBeforeItLooksAtTheSize caught by "BND-012": "At the cap, a create that is too large evicts first and is refused then.";
}

/// Returns who is the next to go where there is no room for this creation.
fn next_to_go(sessions: &Sessions, call: Save<'_>) -> Option<Key> {
    if call.expect != Expect::Absent || sessions.judge(call.key, call.expect, call.now).is_err() {
        return None;
    }
    let mut tried = sessions.clone();
    tried.make_room(call.now);
    sessions.map.keys().copied().find(|key| !tried.map.contains_key(key))
}

#[async_trait]
impl Flaw for ChoosesWhomToEvictBeforehand {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let chosen = next_to_go(&world.lock(), call);
        if chosen.is_some() {
            pause();
        }
        world.with(|sessions| {
            let is_free = sessions.judge(call.key, call.expect, call.now).is_ok();
            if let Some(key) = chosen.filter(|key| is_free && sessions.map.contains_key(key)) {
                let lives = sessions.live(&key, call.now).is_some();
                sessions.evicted.extend(lives.then_some(key));
                sessions.delete(&key);
            }
            call.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for TellsInTheTurnOfWrites {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        in_turn(world, |sessions| call.on(sessions), Gone::tell)
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        in_turn(world, |sessions| sessions.delete(key), Gone::tell);
        Ok(())
    }

    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(in_turn(world, |sessions| sessions.delete_expired(now, limit), Gone::tell))
    }
}

#[async_trait]
impl Flaw for TellsByTheFirstEnd {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let before: Vec<Key> = sessions.map.keys().copied().collect();
            let revision = call.on(sessions)?;
            let gone = before.into_iter().filter(|key| !sessions.map.contains_key(key));
            let ends = &sessions.memory.ends;
            let lived = |key: &Key| ends.get(key).is_none_or(|end| call.now < *end);
            sessions.evicted = gone.filter(lived).collect();
            if call.expect == Expect::Absent {
                sessions.memory.ends.insert(*call.key, call.record.expires_at);
            }
            Ok(revision)
        })
    }
}

/// The most bytes of a record.
const MAX: usize = 8 << 20;

#[async_trait]
impl Flaw for MakesRoomBeforeItLooksAtTheSize {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let size = call.record.data.len();
            if size <= MAX {
                return call.on(sessions);
            }
            sessions.judge(call.key, call.expect, call.now)?;
            if call.expect == Expect::Absent {
                sessions.make_room(call.now);
            }
            Err(Error::TooLarge { size, max: MAX })
        })
    }
}
