//! Which write of a session a record is.

use crate::{Error, Result};

/// Which write of a session a record is: a random first one, then one more with each write.
///
/// Because the first one is random, a revision from before a delete never fits a session that is later created
/// under the same key (the ABA problem).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(i64);

impl Revision {
    /// First revisions stay below this, which leaves as many again to count up.
    const FIRST_MAX: u64 = 1 << 62;

    /// Returns a random first revision below 2^62.
    ///
    /// # Errors
    ///
    /// [`Error::Randomness`] when the operating system gives no random bytes.
    pub fn first() -> Result<Self> {
        let random = getrandom::u64().map_err(Error::randomness)?;
        Ok(Self((random % Self::FIRST_MAX).cast_signed()))
    }

    /// Returns the revision that a store kept as a number.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] when the number is negative: no store ever wrote it.
    pub fn from_i64(number: i64) -> Result<Self> {
        if number < 0 {
            return Err(Error::Corrupt("its revision is negative"));
        }
        Ok(Self(number))
    }

    /// Returns the number to keep, from 0 to `i64::MAX`.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }

    /// Returns the revision of the next write.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] after `i64::MAX`, which counting up from a first revision does not reach.
    pub fn next(self) -> Result<Self> {
        self.0.checked_add(1).map(Self).ok_or(Error::Corrupt("its revision is the last one there is"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_revisions_are_random_and_leave_room_to_count() {
        let firsts: std::collections::HashSet<_> = (0..1_000).map(|_| Revision::first().unwrap()).collect();
        assert_eq!(firsts.len(), 1_000);
        assert!(firsts.iter().all(|first| (0..1 << 62).contains(&first.as_i64())));
    }

    #[test]
    fn the_last_revision_has_no_next() {
        let last = Revision::from_i64(i64::MAX).unwrap();
        assert!(matches!(last.next(), Err(Error::Corrupt(_))));
        assert_eq!([0, 7].map(|number| Revision::from_i64(number).unwrap().as_i64()), [0, 7]);
        assert!(matches!(Revision::from_i64(-1), Err(Error::Corrupt(_))));
    }
}
