//! The write contract.

use crate::{Error, Result, Revision, Timestamp};

/// What a write expects to find under its key.
///
/// There is no upsert: a write that does not care what is there is how logged-out sessions come back to life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Nothing is there, live or dead: the write creates a session.
    Absent,
    /// A live session at this revision is there: the write replaces it.
    Revision(Revision),
}

impl Expect {
    /// Returns whether a record that expires at `expires_at` counts as found at `now`.
    ///
    /// A dead session is an absent one, but for [`Expect::Absent`]: a key is never used over a record that still
    /// lies there, whatever its age.
    #[must_use]
    pub fn counts(self, expires_at: Timestamp, now: Timestamp) -> bool {
        self == Self::Absent || now < expires_at
    }

    /// Decides a write: the revision to write at, or why nothing may be written.
    ///
    /// This is the whole write contract; a store only carries the answer out. `found` is the revision of the record
    /// that [counts](Expect::counts), `fresh` is a [first revision](Revision::first) for a session that is created.
    ///
    /// ```
    /// use session_core::{Error, Expect, Revision};
    ///
    /// let (old, fresh) = (Revision::from_i64(7)?, Revision::from_i64(1_000)?);
    ///
    /// assert_eq!(Expect::Absent.judge(None, fresh)?, fresh);
    /// assert_eq!(Expect::Revision(old).judge(Some(old), fresh)?.as_i64(), 8);
    /// assert!(matches!(Expect::Absent.judge(Some(old), fresh), Err(Error::Exists)));
    /// assert!(matches!(Expect::Revision(old).judge(None, fresh), Err(Error::Missing)));
    /// assert!(matches!(Expect::Revision(old).judge(Some(fresh), fresh), Err(Error::Conflict)));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Exists`] when nothing was expected, [`Error::Missing`] when nothing is there, [`Error::Conflict`]
    /// when another revision is there.
    pub fn judge(self, found: Option<Revision>, fresh: Revision) -> Result<Revision> {
        match (self, found) {
            (Self::Absent, None) => Ok(fresh),
            (Self::Absent, Some(_)) => Err(Error::Exists),
            (Self::Revision(_), None) => Err(Error::Missing),
            (Self::Revision(expected), Some(found)) if expected == found => found.next(),
            (Self::Revision(_), Some(_)) => Err(Error::Conflict),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_expected_is_written_over() {
        let [old, newer, fresh] = [7, 8, 1_000].map(|number| Revision::from_i64(number).unwrap());
        assert_eq!(Expect::Absent.judge(None, fresh).unwrap(), fresh);
        assert!(matches!(Expect::Absent.judge(Some(old), fresh), Err(Error::Exists)));
        assert_eq!(Expect::Revision(old).judge(Some(old), fresh).unwrap(), newer);
        assert!(matches!(Expect::Revision(old).judge(Some(newer), fresh), Err(Error::Conflict)));
        assert!(matches!(Expect::Revision(newer).judge(Some(old), fresh), Err(Error::Conflict)));
        assert!(matches!(Expect::Revision(old).judge(None, fresh), Err(Error::Missing)));
    }

    #[test]
    fn a_dead_record_counts_for_absent_only() {
        let (old, now) = (Revision::from_i64(1).unwrap(), Timestamp::from_millis(10));
        assert!(Expect::Absent.counts(now, now));
        assert!(!Expect::Revision(old).counts(now, now));
        assert!(Expect::Revision(old).counts(Timestamp::from_millis(11), now));
    }
}
