//! Sessions in a map.

use std::collections::BTreeMap;

use session_core::{Error, Expect, Key, Object, Owner, Record, Result, Revision, Stored, Timestamp};

/// Sessions in a map: every question looks at all of them.
///
/// It is what random calls are compared with, and what a saboteur spoils.
#[derive(Clone, Default)]
pub(crate) struct Sessions {
    pub(crate) map: BTreeMap<Key, Stored>,
    pub(crate) objects: BTreeMap<(Key, String), Object>,
    /// Records whose bytes were damaged on the medium.
    pub(crate) damaged: BTreeMap<Key, Vec<u8>>,
    pub(crate) max_sessions: Option<usize>,
    /// Objects that were refused or whose sessions have ended, to be dropped when no lock is held: they may use the store.
    pub(crate) gone: Vec<Object>,
    /// Live sessions that had to make room, to be told of when no lock is held.
    pub(crate) evicted: Vec<Key>,
    /// What only saboteurs remember.
    pub(crate) memory: Memory,
}

/// What only saboteurs remember: a store that is right has no use for it.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    pub(crate) count_max: u64,
    pub(crate) created: Vec<Key>,
    pub(crate) ends: BTreeMap<Key, Timestamp>,
    pub(crate) copies: BTreeMap<Key, Stored>,
    pub(crate) doomed: Vec<Key>,
    pub(crate) latest: Timestamp,
    pub(crate) writes: u64,
    pub(crate) loads: u64,
    pub(crate) first: BTreeMap<Key, Stored>,
}

impl Sessions {
    pub(crate) fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        self.refuse_damaged(key)?;
        Ok(self.live(key, now).cloned())
    }

    pub(crate) fn save(
        &mut self,
        key: &Key,
        record: &Record,
        expect: Expect,
        now: Timestamp,
    ) -> Result<Revision> {
        let revision = self.judge(key, expect, now)?;
        if expect == Expect::Absent {
            self.make_room(now);
        }
        self.map.insert(*key, Stored { record: record.clone(), revision });
        Ok(revision)
    }

    pub(crate) fn touch(
        &mut self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        let revision = self.judge(key, Expect::Revision(expect), now)?;
        let stored = self.map.get_mut(key).ok_or(Error::Missing)?;
        stored.record.accessed_at = accessed_at;
        stored.record.expires_at = expires_at;
        stored.revision = revision;
        Ok(revision)
    }

    /// Decides whether a write may happen, and at which revision.
    pub(crate) fn judge(&self, key: &Key, expect: Expect, now: Timestamp) -> Result<Revision> {
        let found = self.map.get(key).filter(|stored| expect.counts(stored.record.expires_at, now));
        let revision = expect.judge(found.map(|stored| stored.revision), Revision::first()?);
        match revision {
            Ok(_) if expect == Expect::Absent && self.damaged.contains_key(key) => Err(Error::Exists),
            Err(Error::Missing) => self.refuse_damaged(key).and(revision),
            revision => revision,
        }
    }

    pub(crate) fn delete(&mut self, key: &Key) -> bool {
        let ended = self.objects.extract_if(.., |(session, _), _| session == key);
        self.gone.extend(ended.map(|(_, object)| object));
        let damaged = self.damaged.remove(key).is_some();
        self.map.remove(key).is_some() || damaged
    }

    pub(crate) fn delete_expired(&mut self, now: Timestamp, limit: usize) -> usize {
        let dead: Vec<Key> = self.dead(now).take(limit).collect();
        dead.iter().filter(|key| self.delete(key)).count()
    }

    pub(crate) fn page(&self, after: Option<&Key>, limit: usize, now: Timestamp) -> Vec<(Key, Stored)> {
        let later = self.listed(now).filter(|(key, _)| after.is_none_or(|after| key > after));
        later.take(limit).collect()
    }

    pub(crate) fn owned_by(&self, owner: &Owner, now: Timestamp) -> Vec<(Key, Stored)> {
        self.listed(now).filter(|(_, stored)| stored.record.owner.as_ref() == Some(owner)).collect()
    }

    pub(crate) fn count(&self, now: Timestamp) -> u64 {
        self.listed(now).count() as u64
    }

    pub(crate) fn live(&self, key: &Key, now: Timestamp) -> Option<&Stored> {
        self.map.get(key).filter(|stored| stored.record.is_live(now))
    }

    pub(crate) fn dead(&self, now: Timestamp) -> impl Iterator<Item = Key> {
        self.map.iter().filter(move |(_, stored)| !stored.record.is_live(now)).map(|(key, _)| *key)
    }

    fn listed(&self, now: Timestamp) -> impl Iterator<Item = (Key, Stored)> {
        self.map
            .iter()
            .filter(move |(_, stored)| stored.record.is_live(now))
            .map(|(key, stored)| (*key, stored.clone()))
    }

    fn refuse_damaged(&self, key: &Key) -> Result<()> {
        if self.damaged.contains_key(key) { Err(Error::Corrupt("its checksum is wrong")) } else { Ok(()) }
    }

    /// Evicts where the cap is reached: the dead by expiry, then the unowned by access, then the owned by access.
    pub(crate) fn make_room(&mut self, now: Timestamp) {
        let Some(max) = self.max_sessions else { return };
        while self.map.len() >= max.max(1) {
            let rank = |(key, stored): (&Key, &Stored)| rank(key, stored, now);
            let Some((_, _, evicted)) = self.map.iter().map(rank).min() else { return };
            self.evicted.extend(self.live(&evicted, now).map(|_| evicted));
            self.delete(&evicted);
        }
    }
}

fn rank(key: &Key, stored: &Stored, now: Timestamp) -> (u8, Timestamp, Key) {
    let record = &stored.record;
    match (record.is_live(now), &record.owner) {
        (false, _) => (0, record.expires_at, *key),
        (true, None) => (1, record.accessed_at, *key),
        (true, Some(_)) => (2, record.accessed_at, *key),
    }
}
