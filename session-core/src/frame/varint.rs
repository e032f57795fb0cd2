//! Numbers as postcard writes them: seven bits in each byte, the lowest first, and the eighth bit where another one
//! follows.

/// The most bytes that a number takes.
const BYTES_MAX: usize = 10;

/// Reads a length.
#[inline]
pub(super) fn length(bytes: &mut &[u8]) -> Option<usize> {
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
        _ => usize::try_from(read(bytes, usize::BITS)?).ok(),
    }
}

/// Reads a number of at most so many bits.
pub(super) fn read(bytes: &mut &[u8], bits_max: u32) -> Option<u64> {
    let (mut number, mut shift) = (0_u64, 0);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7f);
        // Bits that have no place are not dropped quietly.
        if shift >= bits_max || bits > u64::MAX >> (u64::BITS - bits_max) >> shift {
            return None;
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
        shift += 7;
    }
}

/// Hands the bytes of `number` to `put`.
pub(super) fn write(number: u64, put: &mut impl FnMut(&[u8])) {
    let (mut bytes, mut left, mut len) = ([0; BYTES_MAX], number, 0);
    for byte in &mut bytes {
        let [low, ..] = left.to_le_bytes();
        left >>= 7;
        len += 1;
        *byte = if left == 0 { low } else { low | 0x80 };
        if left == 0 {
            break;
        }
    }
    put(bytes.get(..len).unwrap_or(&bytes));
}

/// Returns how many bytes a length takes.
pub(super) fn length_bytes(len: usize) -> usize {
    let bits = usize::BITS - (len | 1).leading_zeros();
    bits.div_ceil(7) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_is_read_as_postcard_reads_it(bytes in prop::collection::vec(any::<u8>(), 0..12)) {
            let mut rest = bytes.as_slice();
            let expected = postcard::take_from_bytes::<usize>(&bytes).ok();
            prop_assert_eq!(length(&mut rest).map(|len| (len, rest)), expected);

            let mut rest = bytes.as_slice();
            let expected = postcard::take_from_bytes::<u64>(&bytes).ok();
            prop_assert_eq!(read(&mut rest, 64).map(|number| (number, rest)), expected);

            let mut rest = bytes.as_slice();
            let expected = postcard::take_from_bytes::<u32>(&bytes).ok();
            prop_assert_eq!(read(&mut rest, 32).map(|number| (number, rest)), expected.map(|(n, r)| (n.into(), r)));
        }

        #[test]
        fn a_number_is_written_as_postcard_writes_it(number in any::<u64>(), bits in 0..64_u32) {
            let (number, mut written) = (number >> bits, Vec::new());
            write(number, &mut |bytes| written.extend_from_slice(bytes));
            prop_assert_eq!(&written, &postcard::to_stdvec(&number).unwrap());
            prop_assert_eq!(length_bytes(usize::try_from(number).unwrap()), written.len());
        }
    }

    #[test]
    fn the_longest_numbers_are_read_and_longer_ones_are_not() {
        for (last, expected) in [(0x01, Some(u64::MAX)), (0x02, None), (0x81, None)] {
            let bytes = [[0xff; 9].as_slice(), &[last]].concat();
            assert_eq!(read(&mut bytes.as_slice(), 64), expected, "{last:#x}");
        }
        for (last, expected) in [(0x0f, Some(u32::MAX.into())), (0x10, None), (0x8f, None)] {
            let bytes = [[0xff; 4].as_slice(), &[last]].concat();
            assert_eq!(read(&mut bytes.as_slice(), 32), expected, "{last:#x}");
        }
        let more_bytes_than_bits = [[0x80; 10].as_slice(), &[0]].concat();
        assert_eq!(read(&mut more_bytes_than_bits.as_slice(), 64), None);
    }
}
