//! The one place of the suite that reads a clock.

use std::time::{Duration, Instant};

/// Measures how long something took: for reports, and for how often a race is repeated.
///
/// No check looks at it: what time it is for a store is an argument.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "reports say how long a case took; no check reads this")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
