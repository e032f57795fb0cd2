//! How long the store takes.

use std::time::Instant;

use metrics::histogram;

use super::Verb;
use crate::Error;

/// Measures one call to the store, also one that is dropped before its answer, as a timeout does.
#[derive(Debug)]
pub(super) struct Stopwatch {
    verb: Verb,
    begun: Instant,
    outcome: &'static str,
}

impl Stopwatch {
    pub(super) fn start(verb: Verb) -> Self {
        Self { verb, begun: now(), outcome: "dropped" }
    }

    pub(super) fn stop(mut self, error: Option<&Error>) {
        self.outcome = match error {
            None => "ok",
            Some(Error::Exists) => "exists",
            Some(Error::Missing) => "missing",
            Some(Error::Conflict) => "conflict",
            Some(Error::Corrupt(_)) => "corrupt",
            Some(_) => "failed",
        };
    }
}

impl Drop for Stopwatch {
    fn drop(&mut self) {
        let seconds = self.begun.elapsed().as_secs_f64();
        histogram!("session_store_seconds", "verb" => self.verb.name(), "outcome" => self.outcome)
            .record(seconds);
    }
}

#[expect(clippy::disallowed_methods, reason = "it measures a wait, and no session lives by it")]
fn now() -> Instant {
    Instant::now()
}
