//! A key that only the server knows.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, SeqAccess, Visitor},
};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{Error, Result};

/// A key that only the server knows, for hashing the secret half of tickets.
///
/// At least 32 bytes, which should be random ones: 64 hex digits from `openssl rand -hex 32` do well. `Debug` is
/// redacted, it cannot be serialised, and its memory is wiped when it is dropped.
///
/// ```
/// use session_core::SecretKey;
///
/// let key = SecretKey::new("7f0c5d1d2ae64bb7c1f6a3a1b6c0f8d2")?;
/// assert_eq!(format!("{key:?}"), "SecretKey(..)");
/// assert!(SecretKey::new("hunter2").is_err());
/// # Ok::<(), session_core::Error>(())
/// ```
#[derive(Clone)]
pub struct SecretKey(Zeroizing<Box<[u8]>>);

/// What web.py publishes as its default: everybody knows it.
const PUBLISHED: &[u8] = b"fLjUfxqXtfNoIldA0A0J";

impl SecretKey {
    /// The fewest bytes a key may have, as many as the hash gives out.
    pub const MIN_BYTES: usize = 32;

    /// Returns the key made of these bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] when there are fewer than [`SecretKey::MIN_BYTES`], or when web.py's published key is in
    /// them.
    pub fn new(bytes: impl AsRef<[u8]>) -> Result<Self> {
        let bytes = bytes.as_ref();
        if bytes.windows(PUBLISHED.len()).any(|part| part == PUBLISHED) {
            return Err(refused("this is the key that web.py publishes; write a random one of your own"));
        }
        if bytes.len() < Self::MIN_BYTES {
            return Err(refused("a key needs at least 32 bytes; write 64 random hex digits"));
        }
        Ok(Self(Zeroizing::new(bytes.into())))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

fn refused(why: &str) -> Error {
    Error::Config { field: "secret_keys", why: why.into() }
}

impl PartialEq for SecretKey {
    /// Compares in constant time, as far as the lengths are the same.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretKey {}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

impl<'de> Deserialize<'de> for SecretKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(OneKey)
    }
}

/// Reads a list of keys, or the single key that the manual knows.
pub(super) fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SecretKey>, D::Error> {
    deserializer.deserialize_any(OneOrMore)
}

/// Written by hand because a derived reader quotes the text that it refuses.
struct OneKey;

impl Visitor<'_> for OneKey {
    type Value = SecretKey;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret key as text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<SecretKey, E> {
        SecretKey::new(text).map_err(E::custom)
    }
}

struct OneOrMore;

impl<'de> Visitor<'de> for OneOrMore {
    type Value = Vec<SecretKey>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret key as text, or a list of them")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<SecretKey>, E> {
        OneKey.visit_str(text).map(|key| vec![key])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<SecretKey>, A::Error> {
        let mut keys = Vec::new();
        while let Some(key) = list.next_element()? {
            keys.push(key);
        }
        Ok(keys)
    }
}
