//! Where the sessions of a shard lie: densely, in chunks.

use session_core::{Error, Key, Record, Result, Revision, Stored};

/// One session and where the heaps of its shard hold it.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) key: Key,
    pub(crate) record: Record,
    pub(crate) revision: Revision,
    pub(crate) place_by_expiry: u32,
    pub(crate) place_by_access: u32,
}

impl Slot {
    pub(crate) const fn new(key: Key, record: Record, revision: Revision) -> Self {
        Self { key, record, revision, place_by_expiry: 0, place_by_access: 0 }
    }

    pub(crate) fn stored(&self) -> Stored {
        Stored { record: self.record.clone(), revision: self.revision }
    }
}

/// The slots of a shard, numbered from 0 without gaps.
///
/// Chunks, because a doubling vector would be half empty at worst. Without gaps, because then a shard that was
/// once large gives its memory back, and no slot is ever a free one.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    chunks: Vec<Vec<Slot>>,
}

impl Slots {
    const CHUNK: usize = 32;

    /// Returns how many slots there are.
    pub(crate) fn len(&self) -> usize {
        self.chunks.last().map_or(0, |last| (self.chunks.len() - 1) * Self::CHUNK + last.len())
    }

    /// Returns the index that the next slot gets, or [`Error::Full`] when the indices are used up.
    pub(crate) fn next_index(&self) -> Result<u32> {
        index_of(self.len())
    }

    /// Returns the slot at an index that is in use.
    pub(crate) fn at(&self, index: u32) -> &Slot {
        let (chunk, offset) = split(index);
        self.chunks.get(chunk).and_then(|chunk| chunk.get(offset)).expect("the index is in use")
    }

    /// Returns the slot at an index that is in use, to change it.
    pub(crate) fn at_mut(&mut self, index: u32) -> &mut Slot {
        let (chunk, offset) = split(index);
        self.chunks.get_mut(chunk).and_then(|chunk| chunk.get_mut(offset)).expect("the index is in use")
    }

    /// Adds a slot at the [next index](Slots::next_index).
    pub(crate) fn push(&mut self, slot: Slot) {
        match self.chunks.last_mut() {
            Some(last) if last.len() < Self::CHUNK => last.push(slot),
            _ => {
                let mut chunk = Vec::with_capacity(Self::CHUNK);
                chunk.push(slot);
                self.chunks.push(chunk);
            }
        }
    }

    /// Takes out the slot at `index`; the last one moves there, unless it was the last one itself.
    pub(crate) fn swap_remove(&mut self, index: u32) -> Slot {
        let last = self.chunks.last_mut().and_then(Vec::pop).expect("the index is in use");
        let was_last = self.len() == index as usize;
        if self.chunks.last().is_some_and(Vec::is_empty) {
            self.chunks.pop();
            give_back(&mut self.chunks);
        }
        if was_last { last } else { std::mem::replace(self.at_mut(index), last) }
    }

    /// Returns all slots in the order of their indices.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Slot> {
        self.chunks.iter().flatten()
    }
}

/// Gives back the memory of a vector that has become a small part of what it was.
pub(crate) fn give_back<T>(vec: &mut Vec<T>) {
    if vec.len() < vec.capacity() / 8 {
        vec.shrink_to(vec.len() * 2);
    }
}

fn index_of(len: usize) -> Result<u32> {
    u32::try_from(len).map_err(|_| Error::Full)
}

const fn split(index: u32) -> (usize, usize) {
    (index as usize / Slots::CHUNK, index as usize % Slots::CHUNK)
}

#[cfg(test)]
mod tests {
    use session_core::Timestamp;

    use super::*;

    fn slot(number: u8) -> Slot {
        let record = Record {
            data: vec![].into(),
            accessed_at: Timestamp::MAX,
            expires_at: Timestamp::MAX,
            owner: None,
        };
        Slot::new(Key::from_bytes([number; 16]), record, Revision::from_i64(0).unwrap())
    }

    fn numbers(slots: &Slots) -> Vec<u8> {
        slots.iter().map(|slot| slot.key.as_bytes()[0]).collect()
    }

    #[test]
    fn the_last_slot_fills_the_gap_and_empty_chunks_go() {
        let mut slots = Slots::default();
        (0..=32).for_each(|number| slots.push(slot(number)));
        assert_eq!((slots.len(), slots.chunks.len()), (33, 2));

        assert_eq!(slots.swap_remove(3).key, slot(3).key);
        assert_eq!(slots.at(3).key, slot(32).key);
        assert_eq!((slots.len(), slots.chunks.len()), (32, 1));

        assert_eq!(slots.swap_remove(31).key, slot(31).key);
        assert_eq!(numbers(&slots), [0, 1, 2].into_iter().chain([32]).chain(4..=30).collect::<Vec<_>>());
    }

    #[test]
    fn indices_that_are_used_up_are_full() {
        assert_eq!(Slots::default().next_index().unwrap(), 0);
        assert_eq!(index_of(u32::MAX as usize).unwrap(), u32::MAX);
        assert!(matches!(index_of(u32::MAX as usize + 1), Err(Error::Full)));
    }

    #[test]
    fn a_slot_stays_small() {
        assert!(size_of::<Slot>() <= 96, "{} bytes", size_of::<Slot>());
    }
}
