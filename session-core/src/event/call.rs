//! Watching the calls to a store.

use std::future::Future;

use super::Event;
use crate::{Error, Key, Result};

/// A call that a store is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verb {
    Load,
    Save,
    Touch,
    Delete,
    DeleteExpired,
}

impl Verb {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Save => "save",
            Self::Touch => "touch",
            Self::Delete => "delete",
            Self::DeleteExpired => "delete_expired",
        }
    }
}

/// Waits for a call to the store, and says what became of it.
pub(crate) async fn call<T>(
    verb: Verb,
    key: Option<&Key>,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    #[cfg(feature = "metrics")]
    let stopwatch = super::stopwatch::Stopwatch::start(verb);
    let answer = work.await;
    #[cfg(feature = "metrics")]
    stopwatch.stop(answer.as_ref().err());
    if let Err(error) = &answer
        && has_failed(error)
    {
        Event::StoreFailed { verb, key, error }.say();
    }
    answer
}

/// Returns whether `error` is the store's failure; the others are answers, or say what is there.
fn has_failed(error: &Error) -> bool {
    !matches!(error, Error::Exists | Error::Missing | Error::Conflict | Error::Corrupt(_))
}
