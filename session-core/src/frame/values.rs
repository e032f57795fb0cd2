//! The values of a session as they are stored: names and bytes, in order of names.

use std::{cmp::Ordering, fmt};

use bytes::Bytes;
use serde::{
    Serialize, Serializer,
    de::{DeserializeSeed, SeqAccess, Visitor},
};

use crate::{Error, Result};

/// The values of a session as they are stored: a postcard sequence of (name, bytes), in order of names.
///
/// It stays one piece of memory; a value is looked for when it is asked for, and nothing is allocated for that.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Values(Bytes);

impl Default for Values {
    fn default() -> Self {
        Self(Bytes::from_static(&[0]))
    }
}

impl Values {
    /// Takes `bytes` after checking that they are a whole sequence in strictly ascending order of names.
    pub(crate) fn open(bytes: Bytes) -> Result<Self> {
        let mut deserializer = postcard::Deserializer::from_bytes(&bytes);
        let ordered =
            Check.deserialize(&mut deserializer).map_err(|_| Error::Corrupt("its values do not parse"))?;
        if !ordered {
            return Err(Error::Corrupt("its values are out of order"));
        }
        match deserializer.finalize() {
            Ok([]) => Ok(Self(bytes)),
            _ => Err(Error::Corrupt("bytes follow its values")),
        }
    }

    /// Encodes `pairs`, which come in strictly ascending order of names.
    pub(crate) fn encode(pairs: &[(&str, &[u8])]) -> Self {
        let mut bytes = vec![0; size(pairs)];
        postcard::to_slice(&Pairs(pairs), &mut bytes).expect("the buffer has the size of the pairs");
        Self(bytes.into())
    }

    /// Returns the bytes of the value called `name`.
    pub(crate) fn find(&self, name: &str) -> Option<Bytes> {
        let mut deserializer = postcard::Deserializer::from_bytes(&self.0);
        let found = Seek(name).deserialize(&mut deserializer).ok()??;
        Some(self.0.slice_ref(found))
    }

    /// Returns all names and values, in order of names.
    pub(crate) fn pairs(&self) -> Vec<(&str, &[u8])> {
        postcard::from_bytes(&self.0).unwrap_or_default()
    }

    pub(crate) fn as_bytes(&self) -> &Bytes {
        &self.0
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Values({} bytes)", self.0.len())
    }
}

/// Returns how many bytes `pairs` take when they are encoded.
fn size(pairs: &[(&str, &[u8])]) -> usize {
    let text = |len: usize| varint(len) + len;
    let each = pairs.iter().map(|(name, bytes)| text(name.len()) + text(bytes.len()));
    varint(pairs.len()) + each.sum::<usize>()
}

/// Returns how many bytes a length takes: seven bits in each.
fn varint(len: usize) -> usize {
    let bits = usize::BITS - (len | 1).leading_zeros();
    bits.div_ceil(7) as usize
}

/// Walks the whole sequence and says whether its names ascend.
struct Check;

impl<'de> DeserializeSeed<'de> for Check {
    type Value = bool;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Check {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence of names and bytes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pairs: A) -> Result<Self::Value, A::Error> {
        let (mut last, mut ordered) = (None, true);
        while let Some((name, _)) = pairs.next_element::<(&str, &[u8])>()? {
            ordered &= last.is_none_or(|last| last < name);
            last = Some(name);
        }
        Ok(ordered)
    }
}

/// Looks for one name and stops there.
struct Seek<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = Option<&'de [u8]>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = Option<&'de [u8]>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence of names and bytes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pairs: A) -> Result<Self::Value, A::Error> {
        // Names are read as bytes here: that they are text was checked when the sequence was opened.
        while let Some((name, bytes)) = pairs.next_element::<(&[u8], &[u8])>()? {
            match name.cmp(self.0.as_bytes()) {
                Ordering::Less => {}
                Ordering::Equal => return Ok(Some(bytes)),
                Ordering::Greater => break,
            }
        }
        Ok(None)
    }
}

/// Serialises names and bytes as [`Values`] reads them.
struct Pairs<'a>(&'a [(&'a str, &'a [u8])]);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(name, bytes)| (name, Raw(bytes))))
    }
}

/// Serialises bytes in one piece: serde would send a slice byte by byte.
struct Raw<'a>(&'a [u8]);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}
