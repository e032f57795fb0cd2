//! What a store files a session under.

use std::{fmt, str::FromStr};

use crate::{Error, Result};

/// What a store files a session under: 16 random bytes.
///
/// It is the half of the ticket that is no secret: 32 lowercase hex digits that are safe to log and useless as a
/// cookie. Every value of the bytes is a key.
///
/// ```
/// use session_core::Key;
///
/// let key: Key = "00112233445566778899aabbccddeeff".parse()?;
/// assert_eq!(key.to_string(), "00112233445566778899aabbccddeeff");
/// assert_eq!(key.as_bytes()[1], 0x11);
/// # Ok::<(), session_core::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key([u8; Self::BYTES]);

impl Key {
    /// How many bytes a key has.
    pub const BYTES: usize = 16;

    /// Returns the key of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes, in the order in which keys are listed.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl FromStr for Key {
    type Err = Error;

    /// Parses exactly 32 lowercase hex digits.
    fn from_str(text: &str) -> Result<Self> {
        let refused = Error::Invalid { what: "key", why: "it is not 32 lowercase hex digits" };
        let digits: &[u8; 2 * Self::BYTES] = text.as_bytes().try_into().map_err(|_| refused.clone())?;
        let mut bytes = [0; Self::BYTES];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_chunks::<2>().0) {
            let [high, low] = pair.map(digit);
            *byte = high.zip(low).map(|(high, low)| high << 4 | low).ok_or_else(|| refused.clone())?;
        }
        Ok(Self(bytes))
    }
}

const fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_32_lowercase_hex_digits_are_a_key() {
        let good = "0123456789abcdef0123456789abcdef";
        assert_eq!(good.parse::<Key>().unwrap().to_string(), good);
        for bad in ["", &good[1..], &format!("{good}0"), &good.to_uppercase(), &good.replace('0', "g")] {
            assert!(matches!(bad.parse::<Key>(), Err(Error::Invalid { .. })), "{bad}");
        }
    }

    #[test]
    fn debug_shows_the_digits() {
        assert_eq!(format!("{:?}", Key::from_bytes([0xab; 16])), format!("Key({})", "ab".repeat(16)));
    }
}
