//! Finding slots by what is in them.

use std::{
    hash::{BuildHasher, Hash},
    marker::PhantomData,
};

use hashbrown::{DefaultHashBuilder, HashTable};
use session_core::{Key, Owner};

use crate::slots::{Slot, Slots};

/// What an index finds slots by; a slot may have none of it.
pub(crate) trait Field {
    type Value: Hash + Eq;

    fn of(slot: &Slot) -> Option<&Self::Value>;
}

/// Finds the one slot of a key.
#[derive(Debug)]
pub(crate) struct ByKey;

impl Field for ByKey {
    type Value = Key;

    fn of(slot: &Slot) -> Option<&Key> {
        Some(&slot.key)
    }
}

/// Finds all slots of an owner.
#[derive(Debug)]
pub(crate) struct ByOwner;

impl Field for ByOwner {
    type Value = Owner;

    fn of(slot: &Slot) -> Option<&Owner> {
        slot.record.owner.as_ref()
    }
}

/// Slot indices in a hash table: 4 bytes each and one for the table, because the values stay in the slots.
///
/// Slots of the same value are entries of the same hash. With thousands of those in one shard changing one slows down
/// in proportion, which no honest owner reaches.
#[derive(Debug)]
pub(crate) struct Index<F> {
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    field: PhantomData<F>,
}

impl<F: Field> Index<F> {
    pub(crate) fn new() -> Self {
        Self { table: HashTable::new(), hasher: DefaultHashBuilder::default(), field: PhantomData }
    }

    /// Returns the slots that have this value.
    pub(crate) fn find<'a>(
        &'a self,
        value: &'a F::Value,
        slots: &'a Slots,
    ) -> impl Iterator<Item = u32> + 'a {
        let same_hash = self.table.iter_hash(self.hasher.hash_one(value)).copied();
        same_hash.filter(move |&index| F::of(slots.at(index)) == Some(value))
    }

    /// Takes in the slot at `index`, if it has a value.
    pub(crate) fn insert(&mut self, index: u32, slots: &Slots) {
        let Some(value) = F::of(slots.at(index)) else { return };
        let rehash = |&index: &u32| hash_at::<F>(&self.hasher, index, slots);
        self.table.insert_unique(self.hasher.hash_one(value), index, rehash);
    }

    /// Forgets the slot at `index`, which still has the value it came with.
    pub(crate) fn remove(&mut self, index: u32, slots: &Slots) {
        let Some(value) = F::of(slots.at(index)) else { return };
        if let Ok(entry) = self.table.find_entry(self.hasher.hash_one(value), |&found| found == index) {
            entry.remove();
        }
        if self.table.len() < self.table.capacity() / 8 {
            let rehash = |&index: &u32| hash_at::<F>(&self.hasher, index, slots);
            self.table.shrink_to(self.table.len() * 2, rehash);
        }
    }

    /// Follows a slot that has moved.
    pub(crate) fn renumber(&mut self, from: u32, to: u32, slots: &Slots) {
        let Some(value) = F::of(slots.at(to)) else { return };
        if let Some(index) = self.table.find_mut(self.hasher.hash_one(value), |&found| found == from) {
            *index = to;
        }
    }
}

fn hash_at<F: Field>(hasher: &DefaultHashBuilder, index: u32, slots: &Slots) -> u64 {
    hasher.hash_one(F::of(slots.at(index)).expect("an indexed slot has a value"))
}
