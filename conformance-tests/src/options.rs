//! How the suite is run.

use std::{env, ffi::OsString, fmt, sync::Arc, thread, time::Duration};

use session_core::Revision;

use crate::{case::Case, process::Rerun, report::CaseReport};

/// How the suite is run.
///
/// ```
/// use conformance_tests::Options;
///
/// let options = Options::default().only(|case| case.id.starts_with("CAS"));
/// # drop(options);
/// ```
#[derive(Clone)]
pub struct Options {
    pub(crate) seed: u64,
    pub(crate) watchdog: Duration,
    pub(crate) effort: Duration,
    pub(crate) threads: usize,
    pub(crate) filter: Arc<dyn Fn(&Case) -> bool + Send + Sync>,
    pub(crate) on_case: Arc<dyn Fn(&CaseReport) + Send + Sync>,
    pub(crate) rerun: Rerun,
}

impl Options {
    /// Decides everything that is random in the cases. Default: the environment variable `CONFORMANCE_SEED`, or a
    /// random number, which the report shows.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets after what time a case that does not end is given up and fails. Default: 60 s.
    ///
    /// A single call may take a third of it: a store that waits longer for a lock before it gives up fails where another process is
    /// stopped with the lock in its hands.
    #[must_use]
    pub fn watchdog(mut self, watchdog: Duration) -> Self {
        self.watchdog = watchdog;
        self
    }

    /// Sets for how long one race is repeated where the least number of rounds is done. Default: 3 s.
    #[must_use]
    pub fn effort(mut self, effort: Duration) -> Self {
        self.effort = effort;
        self
    }

    /// Sets how many cases run at the same time. Default: twice the processors.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Runs only these cases. Default: all.
    #[must_use]
    pub fn only(mut self, filter: impl Fn(&Case) -> bool + Send + Sync + 'static) -> Self {
        self.filter = Arc::new(filter);
        self
    }

    /// Calls this with every case that ends, from whatever thread. Default: nothing.
    #[must_use]
    pub fn on_case(mut self, on_case: impl Fn(&CaseReport) + Send + Sync + 'static) -> Self {
        self.on_case = Arc::new(on_case);
        self
    }

    /// Sets the arguments with which this program comes to the same call of the suite once more: cases about
    /// killed processes, and about several, start it again.
    ///
    /// Default: the test in which the options are made, by its name, where its thread has that name as in libtest; otherwise the
    /// arguments of this process.
    #[must_use]
    pub fn rerun(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.rerun = Rerun::with(arguments.into_iter().map(Into::into));
        self
    }

    pub(crate) fn rerun_test(mut self, name: &str) -> Self {
        self.rerun = Rerun::test(name);
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: seed(),
            watchdog: Duration::from_secs(60),
            effort: Duration::from_secs(3),
            threads: 2 * thread::available_parallelism().map_or(1, usize::from),
            filter: Arc::new(|_| true),
            on_case: Arc::new(|_| {}),
            rerun: Rerun::here(),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, watchdog, effort, threads, rerun, .. } = self;
        let mut shown = f.debug_struct("Options");
        shown
            .field("seed", seed)
            .field("watchdog", watchdog)
            .field("effort", effort)
            .field("threads", threads)
            .field("rerun", rerun);
        shown.finish_non_exhaustive()
    }
}

fn seed() -> u64 {
    let given = env::var("CONFORMANCE_SEED").ok().and_then(|text| text.parse().ok());
    // The core draws its first revisions from the operating system: random numbers without a dependency.
    given.unwrap_or_else(|| Revision::first().map_or(0, |random| random.as_i64().unsigned_abs() >> 32))
}
