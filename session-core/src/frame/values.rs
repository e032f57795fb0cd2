//! The values of a session as they are stored: names and bytes, in order of names.

use std::{cmp::Ordering, fmt};

use bytes::Bytes;

use super::pairs::{Flaw, Pairs};
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
        match Pairs::check(&bytes) {
            Ok(()) => Ok(Self(bytes)),
            Err(Flaw::DoesNotParse) => Err(Error::Corrupt("its values do not parse")),
            Err(Flaw::OutOfOrder) => Err(Error::Corrupt("its values are out of order")),
            Err(Flaw::Followed) => Err(Error::Corrupt("bytes follow its values")),
        }
    }

    /// Takes `bytes`, which a [`View`](super::View) has written.
    pub(super) const fn written(bytes: Bytes) -> Self {
        Self(bytes)
    }

    /// Returns the bytes of the value called `name`.
    pub(crate) fn find(&self, name: &str) -> Option<Bytes> {
        for (found, bytes) in self.pairs() {
            match found.cmp(name.as_bytes()) {
                Ordering::Less => {}
                Ordering::Equal => return Some(self.0.slice_ref(bytes)),
                Ordering::Greater => break,
            }
        }
        None
    }

    /// Returns all names and values, in order of names. That names are text was checked when they were opened.
    pub(crate) fn pairs(&self) -> Pairs<'_> {
        Pairs::of(&self.0)
    }

    /// Returns whether `other` is in the same place of memory.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        std::ptr::eq(self.0.as_ref(), other.0.as_ref())
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
