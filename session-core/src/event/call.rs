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
    let call = Call::begin(verb);
    let answer = work.await;
    call.end(key, &answer);
    answer
}

/// A call to the store, of which nothing was said yet.
#[derive(Debug)]
#[must_use = "what became of it is to be said"]
pub(crate) struct Call {
    verb: Verb,
    #[cfg(feature = "metrics")]
    stopwatch: super::stopwatch::Stopwatch,
}

impl Call {
    pub(crate) fn begin(verb: Verb) -> Self {
        Self {
            verb,
            #[cfg(feature = "metrics")]
            stopwatch: super::stopwatch::Stopwatch::start(verb),
        }
    }

    /// Says what became of it.
    pub(crate) fn end<T>(self, key: Option<&Key>, answer: &Result<T>) {
        #[cfg(feature = "metrics")]
        self.stopwatch.stop(answer.as_ref().err());
        if let Err(error) = answer
            && has_failed(error)
        {
            Event::StoreFailed { verb: self.verb, key, error }.say();
        }
    }
}

/// Returns whether `error` is the store's failure; the others are answers, or say what is there.
fn has_failed(error: &Error) -> bool {
    !matches!(error, Error::Exists | Error::Missing | Error::Conflict | Error::Corrupt(_))
}
