//! What is found under a key before and after a call.

use session_core::{Record, Stored};

use crate::checks::difference;

/// What is found under a key; the revision of a session that was just created is not known beforehand.
#[derive(Clone, Debug)]
pub(super) enum State {
    Absent,
    There(Stored),
    Created(Record),
}

impl State {
    /// Says in what `found` is another one.
    pub(super) fn differs(&self, found: Option<&Stored>) -> Option<String> {
        match self {
            Self::Absent => difference(found, None),
            Self::There(stored) => difference(found, Some(stored)),
            Self::Created(record) => {
                let revision = found.map(|found| found.revision);
                let expected = revision.map(|revision| Stored { record: record.clone(), revision });
                expected.map_or(Some("the session is not there".to_owned()), |expected| {
                    difference(found, Some(&expected))
                })
            }
        }
    }
}
