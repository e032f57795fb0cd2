//! Checks that most cases make.

mod lists;
mod secrets;

use std::{fmt, fmt::Display};

use session_core::{Error, Key, Result, Store, Stored, Timestamp};

pub(crate) use self::secrets::{SECRET_OWNER, tells, words};
use crate::ctx::Ctx;

/// What a call answered, without its particulars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Ok,
    Exists,
    Missing,
    Conflict,
    Corrupt,
    Full,
    Backend,
    Other,
}

impl Answer {
    pub(crate) fn of<T>(result: &Result<T>) -> Self {
        match result {
            Ok(_) => Self::Ok,
            Err(Error::Exists) => Self::Exists,
            Err(Error::Missing) => Self::Missing,
            Err(Error::Conflict) => Self::Conflict,
            Err(Error::Corrupt(_)) => Self::Corrupt,
            Err(Error::Full) => Self::Full,
            Err(Error::Backend { .. }) => Self::Backend,
            Err(_) => Self::Other,
        }
    }
}

impl Ctx {
    /// Checks that `what` was answered as it must be.
    pub(crate) fn answers<T>(
        &self,
        number: u32,
        result: &Result<T>,
        answer: Answer,
        what: impl Display,
    ) -> bool {
        let found = Answer::of(result);
        self.check(number, found == answer, format_args!("{what} was answered {found:?}, not {answer:?}"))
    }

    /// Checks that two things are the same.
    pub(crate) fn same<T: PartialEq + fmt::Debug>(
        &self,
        number: u32,
        found: &T,
        expected: &T,
        what: impl Display,
    ) -> bool {
        self.check(number, found == expected, format_args!("{what}: found {found:?}, not {expected:?}"))
    }

    /// Checks that `store` has exactly `expected` under `key` at `now`: every field, and the revision.
    pub(crate) async fn finds(
        &self,
        number: u32,
        store: &dyn Store,
        key: &Key,
        now: Timestamp,
        expected: Option<&Stored>,
        what: impl Display,
    ) -> bool {
        let difference = match (store.load(key, now).await, expected) {
            (Err(error), _) => Some(format!("loading failed: {error:?}")),
            (Ok(found), expected) => difference(found.as_ref(), expected),
        };
        let message = difference.as_deref().unwrap_or_default();
        self.check(number, difference.is_none(), format_args!("{what}: {message}"))
    }
}

/// Says in what two records differ: sizes and places, because the bytes themselves would fill the screen.
pub(crate) fn difference(found: Option<&Stored>, expected: Option<&Stored>) -> Option<String> {
    let (found, expected) = match (found, expected) {
        (None, None) => return None,
        (Some(_), None) => return Some("there is a session that must not be there".to_owned()),
        (None, Some(_)) => return Some("the session is not there".to_owned()),
        (Some(found), Some(expected)) => (found, expected),
    };
    let (record, wanted) = (&found.record, &expected.record);
    if found.revision != expected.revision {
        return Some(format!("found {:?}, not {:?}", found.revision, expected.revision));
    }
    if record.accessed_at != wanted.accessed_at {
        return Some(format!("accessed_at is {}, not {}", record.accessed_at, wanted.accessed_at));
    }
    if record.expires_at != wanted.expires_at {
        return Some(format!("expires_at is {}, not {}", record.expires_at, wanted.expires_at));
    }
    if record.owner != wanted.owner {
        return Some("the owner is another one".to_owned());
    }
    data_difference(&record.data, &wanted.data)
}

fn data_difference(found: &[u8], expected: &[u8]) -> Option<String> {
    if found == expected {
        return None;
    }
    let place = found.iter().zip(expected).take_while(|(found, expected)| found == expected).count();
    Some(format!("data of {} bytes differ at byte {place} from the {} kept", found.len(), expected.len()))
}
