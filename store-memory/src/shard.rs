//! The sessions of one range of keys, as one lock guards them.

use session_core::{Error, Expect, Key, Owner, Record, Result, Revision, Stored, Timestamp};

use crate::{
    live_objects::{LiveObjects, Named},
    lookups::{Access, Lookups},
    slots::{Slot, Slots},
};

/// The sessions of one range of keys.
#[derive(Debug)]
pub(crate) struct Shard {
    slots: Slots,
    lookups: Lookups,
    pub(crate) objects: LiveObjects,
}

/// What a session leaves behind when it ends, to be dropped when no lock is held.
///
/// Dropping a live object runs foreign code, which may well call the store.
#[derive(Debug)]
#[must_use = "it is to be dropped outside every lock"]
pub(crate) struct Ended {
    slot: Slot,
    _objects: Option<Named>,
}

impl Ended {
    /// Returns the key of the session if it could still have been used at `now`.
    pub(crate) fn live(&self, now: Timestamp) -> Option<&Key> {
        self.slot.record.is_live(now).then_some(&self.slot.key)
    }
}

impl Shard {
    pub(crate) fn new(access: Access) -> Self {
        Self { slots: Slots::default(), lookups: Lookups::new(access), objects: LiveObjects::default() }
    }

    /// Returns the live session under `key`.
    pub(crate) fn live(&self, key: &Key, now: Timestamp) -> Option<&Slot> {
        self.find(key).map(|index| self.slots.at(index)).filter(|slot| slot.record.is_live(now))
    }

    /// Decides whether a session may be created under `key`, and at which revision.
    pub(crate) fn judge_create(&self, key: &Key, fresh: Revision) -> Result<Revision> {
        let found = self.find(key).map(|index| self.slots.at(index).revision);
        let revision = Expect::Absent.judge(found, fresh)?;
        self.slots.next_index()?;
        Ok(revision)
    }

    /// Creates the session that [`judge_create`](Shard::judge_create) allowed under the same lock.
    pub(crate) fn create(&mut self, key: &Key, record: Record, revision: Revision) {
        let index = self.slots.next_index().expect("judged under the same lock");
        self.slots.push(Slot::new(*key, record, revision));
        self.lookups.insert(index, &mut self.slots);
    }

    /// Writes `record` over the live session at revision `expect`, and returns the new revision and the old record.
    pub(crate) fn replace(
        &mut self,
        key: &Key,
        record: Record,
        expect: Revision,
        now: Timestamp,
    ) -> Result<(Revision, Record)> {
        let (index, revision) = self.judge_change(key, expect, now)?;
        let moves = self.slots.at(index).record.owner != record.owner;
        if moves {
            self.lookups.by_owner.remove(index, &self.slots);
        }
        let slot = self.slots.at_mut(index);
        slot.revision = revision;
        let old = std::mem::replace(&mut slot.record, record);
        if moves {
            self.lookups.by_owner.insert(index, &self.slots);
        }
        self.lookups.reorder(index, &mut self.slots);
        Ok((revision, old))
    }

    /// Sets both times of the live session at revision `expect`, and returns the new revision.
    pub(crate) fn touch(
        &mut self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        let (index, revision) = self.judge_change(key, expect, now)?;
        let slot = self.slots.at_mut(index);
        slot.revision = revision;
        slot.record.accessed_at = accessed_at;
        slot.record.expires_at = expires_at;
        self.lookups.reorder(index, &mut self.slots);
        Ok(revision)
    }

    /// Ends the session under `key`, live or dead.
    pub(crate) fn delete(&mut self, key: &Key) -> Option<Ended> {
        self.find(key).map(|index| self.remove(index))
    }

    /// Ends at most `limit` dead sessions, those that died first.
    pub(crate) fn delete_expired(&mut self, now: Timestamp, limit: usize) -> Vec<Ended> {
        let mut ended = Vec::new();
        while ended.len() < limit {
            let Some(key) = self.first_to_die().filter(|slot| !slot.record.is_live(now)).map(|slot| slot.key)
            else {
                break;
            };
            ended.extend(self.delete(&key));
        }
        ended
    }

    /// Returns the session that dies first, or died first.
    pub(crate) fn first_to_die(&self) -> Option<&Slot> {
        self.lookups.by_expiry.first(&self.slots)
    }

    /// Returns the session that makes room first if none is dead, where the shard keeps that order.
    pub(crate) fn first_to_make_room(&self) -> Option<&Slot> {
        self.lookups.by_access.as_ref()?.first(&self.slots)
    }

    /// Returns the live sessions of `owner`, in no order.
    pub(crate) fn owned_by<'a>(
        &'a self,
        owner: &'a Owner,
        now: Timestamp,
    ) -> impl Iterator<Item = (Key, Stored)> + 'a {
        let slots = self.lookups.by_owner.find(owner, &self.slots).map(|index| self.slots.at(index));
        slots.filter(move |slot| slot.record.is_live(now)).map(|slot| (slot.key, slot.stored()))
    }

    /// Returns the first `limit` live sessions after the key `after`, in ascending order.
    pub(crate) fn page(&self, after: Option<&Key>, limit: usize, now: Timestamp) -> Vec<(Key, Stored)> {
        let wanted = |slot: &&Slot| after.is_none_or(|after| slot.key > *after) && slot.record.is_live(now);
        let mut slots: Vec<_> = self.slots.iter().filter(wanted).collect();
        if limit < slots.len() {
            slots.select_nth_unstable_by_key(limit, |slot| slot.key);
            slots.truncate(limit);
        }
        slots.sort_unstable_by_key(|slot| slot.key);
        slots.into_iter().map(|slot| (slot.key, slot.stored())).collect()
    }

    /// Returns how many sessions are live. It costs time in proportion to the dead ones.
    pub(crate) fn count(&self, now: Timestamp) -> usize {
        let dead = self.lookups.by_expiry.count_while(&self.slots, |slot| !slot.record.is_live(now));
        self.slots.len() - dead
    }

    fn find(&self, key: &Key) -> Option<u32> {
        self.lookups.by_key.find(key, &self.slots).next()
    }

    fn judge_change(&self, key: &Key, revision: Revision, now: Timestamp) -> Result<(u32, Revision)> {
        let expect = Expect::Revision(revision);
        let found =
            self.find(key).filter(|&index| expect.counts(self.slots.at(index).record.expires_at, now));
        // Nothing is created here, so the fresh revision is never taken and any will do.
        let next = expect.judge(found.map(|index| self.slots.at(index).revision), revision)?;
        found.map(|index| (index, next)).ok_or(Error::Missing)
    }

    fn remove(&mut self, index: u32) -> Ended {
        self.lookups.remove(index, &mut self.slots);
        let slot = self.slots.swap_remove(index);
        let last = self.slots.next_index().expect("the slot that is gone had an index");
        if index != last {
            self.lookups.renumber(last, index, &mut self.slots);
        }
        Ended { _objects: self.objects.end(&slot.key), slot }
    }
}
