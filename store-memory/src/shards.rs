//! Which shard a key belongs to, and locking one or all of them.

use std::{
    ops::Range,
    sync::{Mutex, MutexGuard},
};

use session_core::{Key, Timestamp};

use crate::{
    heap::{ByAccess, ByExpiry, Order},
    lookups::Access,
    shard::{Ended, Shard},
};

/// The shards, each behind its own lock, in ascending order of their keys.
///
/// Ranges of keys, so that a page is the sorted keys of one shard and then of the next. Std locks, because no guard
/// lives across an await and all that happens under one is a few steps in memory.
#[derive(Debug)]
pub(crate) struct Shards(Box<[Mutex<Shard>]>);

impl Shards {
    /// A quarter of the first byte: enough that 64 requests seldom meet, few enough to lock all at once.
    const COUNT: u8 = 64;

    pub(crate) fn new(access: Access) -> Self {
        Self((0..Self::COUNT).map(|_| Mutex::new(Shard::new(access))).collect())
    }

    /// Returns the numbers of all shards, in ascending order of their keys.
    pub(crate) fn numbers() -> Range<usize> {
        0..usize::from(Self::COUNT)
    }

    /// Locks the shard of `key`.
    pub(crate) fn of(&self, key: &Key) -> MutexGuard<'_, Shard> {
        self.number(number_of(key))
    }

    /// Locks the shard with this number.
    pub(crate) fn number(&self, number: usize) -> MutexGuard<'_, Shard> {
        let shard = self.0.get(number).expect("the number is one of a shard");
        // A shard that a bug of ours left half changed must fail loudly rather than serve a session that was killed.
        shard.lock().expect("no code that panics runs under the lock of a shard")
    }

    /// Locks one shard after the other, from that of the key `first` on.
    pub(crate) fn each_from(&self, first: Option<&Key>) -> impl Iterator<Item = MutexGuard<'_, Shard>> {
        Self::numbers().skip(first.map_or(0, number_of)).map(|number| self.number(number))
    }

    /// Locks all shards, which shows the store as of one instant.
    ///
    /// Everybody else holds one lock at a time, and everybody here takes them in the same order: no deadlock.
    pub(crate) fn all(&self) -> AllShards<'_> {
        AllShards(self.each_from(None).collect())
    }
}

/// All shards, locked.
#[derive(Debug)]
pub(crate) struct AllShards<'a>(Vec<MutexGuard<'a, Shard>>);

impl AllShards<'_> {
    /// Returns the shard of `key`.
    pub(crate) fn of(&mut self, key: &Key) -> &mut Shard {
        self.0.get_mut(number_of(key)).expect("every key has a shard")
    }

    /// Returns the shards in ascending order of their keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Shard> {
        self.0.iter().map(|shard| &**shard)
    }

    /// Ends the session that makes room first: the one that has been dead longest, or else the first by access.
    pub(crate) fn evict(&mut self, now: Timestamp) -> Option<Ended> {
        let dead = self.iter().filter_map(Shard::first_to_die).filter(|slot| !slot.record.is_live(now));
        let longest_dead = dead.min_by_key(|slot| ByExpiry::rank(slot));
        let least =
            || self.iter().filter_map(Shard::first_to_make_room).min_by_key(|slot| ByAccess::rank(slot));
        let key = longest_dead.or_else(least)?.key;
        self.of(&key).delete(&key)
    }
}

fn number_of(key: &Key) -> usize {
    let [first, ..] = key.as_bytes();
    usize::from(first / (u8::MAX / Shards::COUNT + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_ascending_ranges_that_cover_all_keys() {
        let numbers: Vec<_> = (0..=u8::MAX).map(|first| number_of(&Key::from_bytes([first; 16]))).collect();
        assert!(numbers.is_sorted());
        assert_eq!((numbers[0], numbers[255]), (0, usize::from(Shards::COUNT) - 1));
    }
}
