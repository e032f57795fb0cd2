//! What a store keeps: a record under a key, at a revision.

mod expect;
mod owner;
mod revision;

use std::fmt;

use bytes::Bytes;

pub use self::{expect::Expect, owner::Owner, revision::Revision};
use crate::Timestamp;

/// What a store keeps of one session.
///
/// The `data` is opaque to a store: any bytes of any length, empty allowed. `Debug` shows its length and whether
/// there is an owner, never the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// The session's own facts and values in one checksummed frame.
    pub data: Bytes,
    /// When the session was last used.
    pub accessed_at: Timestamp,
    /// The first instant at which the session is dead.
    pub expires_at: Timestamp,
    /// Whose session it is, for [`Directory::owned_by`](crate::Directory::owned_by).
    pub owner: Option<Owner>,
}

impl Record {
    /// Returns whether the session is live at `now`: it is dead from `expires_at` on.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("data_bytes", &self.data.len())
            .field("accessed_at", &self.accessed_at)
            .field("expires_at", &self.expires_at)
            .field("owned", &self.owner.is_some())
            .finish()
    }
}

/// A record as a store found it, with the revision that the next write must name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// What was kept.
    pub record: Record,
    /// Which write of this session it was.
    pub revision: Revision,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_dead_from_the_instant_at_which_it_expires() {
        let at = Timestamp::from_millis;
        let record = Record { data: Bytes::new(), accessed_at: at(1), expires_at: at(10), owner: None };
        assert_eq!([9, 10, 11].map(|now| record.is_live(at(now))), [true, false, false]);
    }

    #[test]
    fn debug_shows_the_length_of_the_data_and_whether_there_is_an_owner() {
        let at = Timestamp::from_millis;
        let owner = Some(Owner::new("ada").unwrap());
        let record = Record { data: "secret".into(), accessed_at: at(1), expires_at: at(2), owner };
        assert_eq!(
            format!("{record:?}"),
            "Record { data_bytes: 6, accessed_at: Timestamp(1), expires_at: Timestamp(2), owned: true }"
        );
    }
}
