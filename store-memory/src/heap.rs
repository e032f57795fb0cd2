//! Which session comes first in an order.

use std::{marker::PhantomData, ops::Range};

use session_core::{Key, Timestamp};

use crate::slots::{Slot, Slots, give_back};

/// An order of slots, and where a slot remembers its place in the heap of that order.
pub(crate) trait Order {
    type Rank: Ord;

    fn rank(slot: &Slot) -> Self::Rank;

    fn place(slot: &mut Slot) -> &mut u32;
}

/// The order in which sessions die; the key decides between equals.
#[derive(Debug)]
pub(crate) struct ByExpiry;

impl Order for ByExpiry {
    type Rank = (Timestamp, Key);

    fn rank(slot: &Slot) -> Self::Rank {
        (slot.record.expires_at, slot.key)
    }

    fn place(slot: &mut Slot) -> &mut u32 {
        &mut slot.place_by_expiry
    }
}

/// The order in which live sessions make room: without an owner first, then by the oldest access.
#[derive(Debug)]
pub(crate) struct ByAccess;

impl Order for ByAccess {
    type Rank = (bool, Timestamp, Key);

    fn rank(slot: &Slot) -> Self::Rank {
        (slot.record.owner.is_some(), slot.record.accessed_at, slot.key)
    }

    fn place(slot: &mut Slot) -> &mut u32 {
        &mut slot.place_by_access
    }
}

/// A heap of slot indices, the least rank on top.
///
/// Each slot knows its place, so that a touch moves it instead of leaving a stale entry behind: the heap never
/// holds more than there are sessions. Four children per node make it half as deep as two, and a step down
/// is a step to memory that is not in the processor's cache.
#[derive(Debug)]
pub(crate) struct Heap<O> {
    indices: Vec<u32>,
    order: PhantomData<O>,
}

impl<O: Order> Heap<O> {
    const CHILDREN: usize = 4;

    pub(crate) const fn new() -> Self {
        Self { indices: Vec::new(), order: PhantomData }
    }

    /// Returns the slot of the least rank.
    pub(crate) fn first<'a>(&self, slots: &'a Slots) -> Option<&'a Slot> {
        self.indices.first().map(|&index| slots.at(index))
    }

    /// Takes in the slot at `index`.
    pub(crate) fn insert(&mut self, index: u32, slots: &mut Slots) {
        let place = self.indices.len();
        self.indices.push(index);
        self.note(place, slots);
        self.sift_up(place, slots);
    }

    /// Forgets the slot at `index`.
    pub(crate) fn remove(&mut self, index: u32, slots: &mut Slots) {
        let place = place_of::<O>(index, slots);
        self.indices.swap_remove(place);
        if place < self.indices.len() {
            self.note(place, slots);
            self.settle(place, slots);
        }
        give_back(&mut self.indices);
    }

    /// Puts the slot at `index` in its place after its rank has changed.
    pub(crate) fn reorder(&mut self, index: u32, slots: &mut Slots) {
        self.settle(place_of::<O>(index, slots), slots);
    }

    /// Follows a slot that has moved to `index`.
    pub(crate) fn renumber(&mut self, index: u32, slots: &mut Slots) {
        let place = place_of::<O>(index, slots);
        *self.indices.get_mut(place).expect("a slot knows its place") = index;
    }

    /// Counts the slots for which `wanted` holds, if it holds for every slot before one for which it holds.
    pub(crate) fn count_while(&self, slots: &Slots, wanted: impl Fn(&Slot) -> bool) -> usize {
        let mut count = 0;
        let mut open = vec![0];
        while let Some(place) = open.pop() {
            if self.indices.get(place).is_some_and(|&index| wanted(slots.at(index))) {
                count += 1;
                open.extend(self.children(place));
            }
        }
        count
    }

    fn settle(&mut self, place: usize, slots: &mut Slots) {
        let place = self.sift_up(place, slots);
        self.sift_down(place, slots);
    }

    fn sift_up(&mut self, mut place: usize, slots: &mut Slots) -> usize {
        while place > 0 {
            let parent = (place - 1) / Self::CHILDREN;
            if self.rank(parent, slots) <= self.rank(place, slots) {
                break;
            }
            self.swap(place, parent, slots);
            place = parent;
        }
        place
    }

    fn sift_down(&mut self, mut place: usize, slots: &mut Slots) {
        while let Some(least) = self.children(place).min_by_key(|&child| self.rank(child, slots)) {
            if self.rank(place, slots) <= self.rank(least, slots) {
                break;
            }
            self.swap(place, least, slots);
            place = least;
        }
    }

    fn children(&self, place: usize) -> Range<usize> {
        let first = place * Self::CHILDREN + 1;
        first..(first + Self::CHILDREN).min(self.indices.len())
    }

    fn rank(&self, place: usize, slots: &Slots) -> O::Rank {
        O::rank(slots.at(self.index(place)))
    }

    fn swap(&mut self, one: usize, other: usize, slots: &mut Slots) {
        self.indices.swap(one, other);
        self.note(one, slots);
        self.note(other, slots);
    }

    /// Tells the slot at `place` where it is.
    fn note(&self, place: usize, slots: &mut Slots) {
        // The indices are `u32` and unique, so their places are too.
        *O::place(slots.at_mut(self.index(place))) =
            u32::try_from(place).expect("a place fits where an index does");
    }

    fn index(&self, place: usize) -> u32 {
        *self.indices.get(place).expect("the place is in the heap")
    }
}

fn place_of<O: Order>(index: u32, slots: &mut Slots) -> usize {
    *O::place(slots.at_mut(index)) as usize
}
