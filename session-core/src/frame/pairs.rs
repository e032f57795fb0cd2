//! The sequence of names and bytes that values are stored as.
//!
//! It is postcard's: a count, and then each name and each value behind its length. It is read and written by hand,
//! because every request walks through all of it, which takes several times as long by way of serde.

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

/// Reads a length: seven bits in each byte, the lowest first, and the eighth bit where another one follows.
fn length(bytes: &mut &[u8]) -> Option<usize> {
    match **bytes {
        // Nearly all lengths have one byte or two.
        [low @ ..0x80, ref rest @ ..] => {
            *bytes = rest;
            Some(low.into())
        }
        [low, high @ ..0x80, ref rest @ ..] => {
            *bytes = rest;
            Some(usize::from(low & 0x7f) | usize::from(high) << 7)
        }
        _ => long_length(bytes),
    }
}

fn long_length(bytes: &mut &[u8]) -> Option<usize> {
    let (mut len, mut shift) = (0_usize, 0);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let bits = usize::from(byte & 0x7f);
        // Bits that have no place are not dropped quietly.
        if shift >= usize::BITS || bits << shift >> shift != bits {
            return None;
        }
        len |= bits << shift;
        if byte & 0x80 == 0 {
            return Some(len);
        }
        shift += 7;
    }
}

/// Writes `pairs`, which come in strictly ascending order of names, into memory of just their size.
pub(super) fn written<'a>(pairs: impl Iterator<Item = (&'a [u8], &'a [u8])> + Clone) -> Vec<u8> {
    let text_bytes = |text: &[u8]| length_bytes(text.len()) + text.len();
    let (count, bytes) = pairs.clone().fold((0, 0), |(count, bytes), (name, value)| {
        (count + 1, bytes + text_bytes(name) + text_bytes(value))
    });
    let mut written = Vec::with_capacity(length_bytes(count) + bytes);
    write_length(count, &mut written);
    for text in pairs.flat_map(|(name, value)| [name, value]) {
        write_length(text.len(), &mut written);
        written.extend_from_slice(text);
    }
    written
}

fn length_bytes(len: usize) -> usize {
    let bits = usize::BITS - (len | 1).leading_zeros();
    bits.div_ceil(7) as usize
}

fn write_length(len: usize, bytes: &mut Vec<u8>) {
    let mut left = len;
    loop {
        let [low, ..] = left.to_le_bytes();
        left >>= 7;
        if left == 0 {
            return bytes.push(low);
        }
        bytes.push(low | 0x80);
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
            let written = written(pairs.iter().copied());
            prop_assert_eq!(&written, &postcard::to_stdvec(&pairs).unwrap());
            prop_assert_eq!(written.capacity(), written.len());
            prop_assert_eq!(Pairs::check(&written), Ok(()));
            prop_assert_eq!(Pairs::of(&written).collect::<Vec<_>>(), pairs);
        }

        #[test]
        fn a_length_is_read_as_postcard_reads_it(bytes in prop::collection::vec(any::<u8>(), 0..12)) {
            let mut rest = bytes.as_slice();
            let expected = postcard::take_from_bytes::<usize>(&bytes).ok();
            prop_assert_eq!(length(&mut rest).map(|len| (len, rest)), expected);
        }
    }

    #[test]
    fn the_longest_lengths_are_read_and_longer_ones_are_not() {
        for (last, expected) in [(0x01, Some(usize::MAX)), (0x02, None), (0x81, None)] {
            let bytes = [[0xff; 9].as_slice(), &[last]].concat();
            assert_eq!(length(&mut bytes.as_slice()), expected, "{last:#x}");
        }
        let more_bytes_than_bits = [[0x80; 10].as_slice(), &[0]].concat();
        assert_eq!(length(&mut more_bytes_than_bits.as_slice()), None);
    }
}
