//! Flaws that take what is nearly alike for the same.

use async_trait::async_trait;
use bytes::Bytes;
use session_core::{Error, Expect, Key, Object, Record, Result, Revision, Stored, Timestamp};

use super::{Flaw, Save, Touch, World, saboteurs};
use crate::reference::Sessions;

saboteurs! {
    same_beginning_is_no_change SameBeginningIsNoChange caught by "VAL-010": "A save of data that are as long as the old ones and begin with the same 32 bytes keeps the old ones.";
    same_bytes_are_no_change SameBytesAreNoChange caught by "VAL-010": "A save of the same bytes in another order keeps the old ones.";
    a_save_changes_all_alike ASaveChangesAllAlike caught by "CRUD-016": "Equal data are kept once, and a save changes them for all who have them.";
    a_delete_empties_all_alike ADeleteEmptiesAllAlike caught by "CRUD-016": "Equal data are kept once, and a delete takes them from all who have them.";
    a_sweep_empties_all_alike ASweepEmptiesAllAlike caught by "CRUD-016": "Equal data are kept once, and a sweep takes them from all who have them.";
    json_loses_its_spaces JsonLosesItsSpaces caught by "VAL-008": "Data that look like JSON are kept without spaces.";
    backslashes_are_escapes BackslashesAreEscapes caught by "VAL-008": "A backslash and an n come back as the end of a line.";
    a_power_of_two_is_cut APowerOfTwoIsCut caught by "VAL-001": "Data of 262,144 bytes lose the last one.";
    keys_lose_their_zeros KeysLoseTheirZeros caught by "KEY-005": "Keys are written byte by byte, without zeros in front.";
    keys_are_text KeysAreText caught by "KEY-005": "Keys are read as UTF-8, and what is none is replaced.";
    ends_are_doubles EndsAreDoubles caught by "EXP-017": "Ends are kept in 53 bits and an exponent.";
    touched_ends_are_doubles TouchedEndsAreDoubles caught by "EXP-017": "Ends of touches are kept in 53 bits and an exponent.";
    saved_ends_are_doubles SavedEndsAreDoubles caught by "EXP-017": "Ends of saves at a revision are kept in 53 bits and an exponent.";
    saved_accesses_are_doubles SavedAccessesAreDoubles caught by "EXP-017": "Times of access of saves at a revision are kept in 53 bits and an exponent.";
    a_hundred_objects_are_enough AHundredObjectsAreEnough caught by "OBJ-008": "A session with more than a hundred objects shows none.";
}

/// Saves, but keeps the old data where the new ones are no change.
fn unless(world: &World, call: Save<'_>, is_no_change: impl Fn(&[u8], &[u8]) -> bool) -> Result<Revision> {
    world.with(|sessions| {
        let old = sessions.map.get(call.key).map(|stored| stored.record.data.clone());
        let data = old
            .filter(|old| is_no_change(old, &call.record.data))
            .unwrap_or_else(|| call.record.data.clone());
        call.of(&Record { data, ..call.record.clone() }, sessions)
    })
}

#[async_trait]
impl Flaw for SameBeginningIsNoChange {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        unless(world, call, |old, new| {
            old.len() == new.len() && new.len() > 32 && old.get(..32) == new.get(..32)
        })
    }
}

#[async_trait]
impl Flaw for SameBytesAreNoChange {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let sum = |data: &[u8]| data.iter().map(|byte| u64::from(*byte)).sum::<u64>();
        unless(world, call, |old, new| old.len() == new.len() && sum(old) == sum(new))
    }
}

/// Gives all sessions that have the data of `key` others, and returns whatever `work` does.
fn with_all_alike<T>(
    world: &World,
    key: &Key,
    data: &Bytes,
    work: impl FnOnce(&mut Sessions) -> Result<T>,
) -> Result<T> {
    world.with(|sessions| {
        let old = sessions.map.get(key).map(|stored| stored.record.data.clone());
        let done = work(sessions)?;
        let alike = sessions.map.values_mut().filter(|stored| old.as_ref() == Some(&stored.record.data));
        alike
            .filter(|stored| !stored.record.data.is_empty())
            .for_each(|stored| stored.record.data = data.clone());
        Ok(done)
    })
}

#[async_trait]
impl Flaw for ASaveChangesAllAlike {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        with_all_alike(world, call.key, &call.record.data, |sessions| call.on(sessions))
    }
}

#[async_trait]
impl Flaw for ADeleteEmptiesAllAlike {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        with_all_alike(world, key, &Bytes::new(), |sessions| Ok(sessions.delete(key))).map(drop)
    }
}

#[async_trait]
impl Flaw for ASweepEmptiesAllAlike {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let dead: Vec<Key> = world.lock().dead(now).take(limit).collect();
        for key in &dead {
            with_all_alike(world, key, &Bytes::new(), |sessions| Ok(sessions.delete(key)))?;
        }
        Ok(dead.len())
    }
}

/// Saves other data than those that were given.
fn with_data(world: &World, call: Save<'_>, data: Vec<u8>) -> Result<Revision> {
    let record = Record { data: data.into(), ..call.record.clone() };
    world.with(|sessions| call.of(&record, sessions))
}

#[async_trait]
impl Flaw for JsonLosesItsSpaces {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let mut data = call.record.data.to_vec();
        if data.starts_with(b"{") && data.ends_with(b"}") {
            data.retain(|byte| *byte != b' ');
        }
        with_data(world, call, data)
    }
}

#[async_trait]
impl Flaw for BackslashesAreEscapes {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let text = std::str::from_utf8(&call.record.data).map(|text| text.replace("\\n", "\n").into_bytes());
        with_data(world, call, text.unwrap_or_else(|_| call.record.data.to_vec()))
    }
}

#[async_trait]
impl Flaw for APowerOfTwoIsCut {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let mut data = call.record.data.to_vec();
        if data.len() == 262_144 {
            data.pop();
        }
        with_data(world, call, data)
    }
}

/// Writes a key byte by byte, as hexadecimal numbers.
fn written(key: &Key) -> String {
    key.as_bytes().iter().map(|byte| format!("{byte:x}")).collect()
}

#[async_trait]
impl Flaw for KeysLoseTheirZeros {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let sessions = world.lock();
        let first = sessions.map.keys().find(|other| written(other) == written(key));
        sessions.load(first.unwrap_or(key), now)
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        world.with(|sessions| {
            let alike: Vec<Key> =
                sessions.map.keys().filter(|other| written(other) == written(key)).copied().collect();
            alike.iter().chain([key]).for_each(|key| {
                sessions.delete(key);
            });
        });
        Ok(())
    }
}

#[async_trait]
impl Flaw for KeysAreText {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let text = |key: &Key| String::from_utf8_lossy(key.as_bytes()).into_owned();
        world.with(|sessions| {
            let is_alike = |other: &Key| other != call.key && text(other) == text(call.key);
            if call.expect == Expect::Absent && sessions.map.keys().any(is_alike) {
                return Err(Error::Exists);
            }
            call.on(sessions)
        })
    }
}

/// Returns what is left of a time in 53 bits and an exponent.
fn rounded(time: Timestamp) -> Timestamp {
    let bits = 64 - time.as_millis().leading_zeros();
    let unit = 1_i64 << bits.saturating_sub(53);
    let rounded = time.as_millis().checked_add(unit / 2).map(|millis| millis / unit * unit);
    rounded.map_or(Timestamp::MAX, Timestamp::from_millis)
}

#[async_trait]
impl Flaw for EndsAreDoubles {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let record = Record { expires_at: rounded(call.record.expires_at), ..call.record.clone() };
        world.with(|sessions| call.of(&record, sessions))
    }
}

#[async_trait]
impl Flaw for TouchedEndsAreDoubles {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| Touch { expires_at: rounded(call.expires_at), ..call }.on(sessions))
    }
}

impl Flaw for AHundredObjectsAreEnough {
    fn object(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        let sessions = world.lock();
        let kept = sessions.objects.keys().filter(|(session, _)| session == key).count();
        sessions.object(key, name, now).filter(|_| kept <= 100)
    }
}

#[async_trait]
impl Flaw for SavedEndsAreDoubles {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let mut record = call.record.clone();
        if call.expect != Expect::Absent {
            record.expires_at = rounded(record.expires_at);
        }
        world.with(|sessions| call.of(&record, sessions))
    }
}

#[async_trait]
impl Flaw for SavedAccessesAreDoubles {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let mut record = call.record.clone();
        if call.expect != Expect::Absent {
            record.accessed_at = rounded(record.accessed_at);
        }
        world.with(|sessions| call.of(&record, sessions))
    }
}
