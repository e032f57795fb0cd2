//! The sequence of names and bytes that values are stored as.
//!
//! It is postcard's: a count, and then each name and each value behind its length. It is read and written by hand,
//! because every request walks through all of it, which takes several times as long by way of serde.

use std::cmp::Ordering;

use super::varint::{self, length, length_bytes};

/// Names and bytes, read one after the other. What does not parse ends it early.
#[derive(Clone, Debug)]
pub(crate) struct Pairs<'a> {
    left: usize,
    rest: &'a [u8],
}

/// What is wrong with a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    DoesNotParse,
    OutOfOrder,
    Followed,
}

impl<'a> Pairs<'a> {
    pub(super) fn of(sequence: &'a [u8]) -> Self {
        let mut rest = sequence;
        let left = length(&mut rest).unwrap_or(0);
        Self { left, rest }
    }

    /// Returns how many pairs are left, and their bytes.
    pub(super) fn left(&self) -> (usize, &'a [u8]) {
        (self.left, self.rest)
    }

    /// Passes over the pairs before `name`; returns what is left after its own pair, if there is one.
    pub(super) fn seek(&mut self, name: &[u8]) -> Option<Self> {
        loop {
            let mut after = self.clone();
            let (found, _) = after.next()?;
            match found.cmp(name) {
                Ordering::Less => *self = after,
                Ordering::Equal => return Some(after),
                Ordering::Greater => return None,
            }
        }
    }

    /// Checks that `sequence` is a whole one, whose names are text in strictly ascending order.
    pub(super) fn check(sequence: &'a [u8]) -> Result<(), Flaw> {
        let mut rest = sequence;
        let left = length(&mut rest).ok_or(Flaw::DoesNotParse)?;
        let (mut pairs, mut last, mut ordered) = (Self { left, rest }, None, true);
        while pairs.left > 0 {
            let (name, _) = pairs.next().ok_or(Flaw::DoesNotParse)?;
            if !name.is_ascii() && str::from_utf8(name).is_err() {
                return Err(Flaw::DoesNotParse);
            }
            ordered &= last.is_none_or(|last| last < name);
            last = Some(name);
        }
        match (ordered, pairs.rest) {
            (false, _) => Err(Flaw::OutOfOrder),
            (true, []) => Ok(()),
            (true, _) => Err(Flaw::Followed),
        }
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        Some((text(&mut self.rest)?, text(&mut self.rest)?))
    }
}

fn text<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = length(bytes)?;
    let (text, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(text)
}

/// Returns how many bytes one pair takes.
pub(super) fn pair_bytes(name: &[u8], value: &[u8]) -> usize {
    [name, value].iter().map(|text| length_bytes(text.len()) + text.len()).sum()
}

/// Writes how many pairs follow.
pub(super) fn write_count(count: usize, data: &mut Vec<u8>) {
    varint::write(count as u64, &mut |bytes| data.extend_from_slice(bytes));
}

/// Writes one pair.
pub(super) fn write_pair(name: &[u8], value: &[u8], data: &mut Vec<u8>) {
    for text in [name, value] {
        write_count(text.len(), data);
        data.extend_from_slice(text);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_what_postcard_writes(
            pairs in prop::collection::btree_map(".{0,4}", prop::collection::vec(any::<u8>(), 0..300), 0..200),
        ) {
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_bytes(), value.as_slice())).collect();
            let mut written = Vec::new();
            write_count(pairs.len(), &mut written);
            for (name, value) in &pairs {
                let before = written.len();
                write_pair(name, value, &mut written);
                prop_assert_eq!(written.len() - before, pair_bytes(name, value));
            }
            prop_assert_eq!(&written, &postcard::to_stdvec(&pairs).unwrap());
            prop_assert_eq!(Pairs::check(&written), Ok(()));
            prop_assert_eq!(Pairs::of(&written).collect::<Vec<_>>(), pairs);
        }
    }
}
