//! The ways in which a shard finds a slot, kept in step.

use crate::{
    heap::{ByAccess, ByExpiry, Heap},
    index::{ByKey, ByOwner, Index},
    slots::Slots,
};

/// Whether a shard knows which session was accessed longest ago.
///
/// Only a cap needs to know, so nobody else pays for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Ordered,
    Unordered,
}

/// The ways in which a shard finds a slot.
#[derive(Debug)]
pub(crate) struct Lookups {
    pub(crate) by_key: Index<ByKey>,
    pub(crate) by_owner: Index<ByOwner>,
    pub(crate) by_expiry: Heap<ByExpiry>,
    pub(crate) by_access: Option<Heap<ByAccess>>,
}

impl Lookups {
    pub(crate) fn new(access: Access) -> Self {
        Self {
            by_key: Index::new(),
            by_owner: Index::new(),
            by_expiry: Heap::new(),
            by_access: (access == Access::Ordered).then(Heap::new),
        }
    }

    /// Takes in the slot at `index`.
    pub(crate) fn insert(&mut self, index: u32, slots: &mut Slots) {
        self.by_key.insert(index, slots);
        self.by_owner.insert(index, slots);
        self.by_expiry.insert(index, slots);
        if let Some(by_access) = &mut self.by_access {
            by_access.insert(index, slots);
        }
    }

    /// Forgets the slot at `index`, which is still as it was taken in.
    pub(crate) fn remove(&mut self, index: u32, slots: &mut Slots) {
        self.by_key.remove(index, slots);
        self.by_owner.remove(index, slots);
        self.by_expiry.remove(index, slots);
        if let Some(by_access) = &mut self.by_access {
            by_access.remove(index, slots);
        }
    }

    /// Puts the slot at `index` in order after its times or its owner have changed.
    pub(crate) fn reorder(&mut self, index: u32, slots: &mut Slots) {
        self.by_expiry.reorder(index, slots);
        if let Some(by_access) = &mut self.by_access {
            by_access.reorder(index, slots);
        }
    }

    /// Follows the slot that has moved from one index to another.
    pub(crate) fn renumber(&mut self, from: u32, to: u32, slots: &mut Slots) {
        self.by_key.renumber(from, to, slots);
        self.by_owner.renumber(from, to, slots);
        self.by_expiry.renumber(to, slots);
        if let Some(by_access) = &mut self.by_access {
            by_access.renumber(to, slots);
        }
    }
}
