//! Runs the suite and returns all findings.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use tokio::sync::oneshot;

use crate::{
    backend::{Backend, Opener},
    case::Case,
    groups,
    options::Options,
    process::serve,
    report::{CaseReport, Report},
    run::run,
};

/// Runs the suite on the stores of `backend`, several cases at a time, and returns all that was found.
///
/// It needs no runtime: each case brings its own.
///
/// Cases about several processes start this program once more; in that process the call does not return, and a call for a
/// store of another name returns an empty report. See [`Options::rerun`].
///
/// ```
/// use std::sync::Arc;
///
/// use conformance_tests::{Backend, Capabilities, Namespace, Options, check};
/// # use session_core::{Result, Store};
/// # use store_memory::MemoryStore;
/// # struct Memory;
/// # impl Backend for Memory {
/// #     const NAME: &'static str = "store-memory";
/// #     const CAPS: Capabilities = Capabilities::PLAIN.directory().objects();
/// #     async fn open(&self, _: &Namespace) -> Result<Arc<dyn Store>> { Ok(Arc::new(MemoryStore::new())) }
/// # }
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let report = check(Memory, Options::default().only(|case| case.id == "CRUD-001")).await;
/// assert!(report.is_clean(), "{report}");
/// # });
/// ```
pub async fn check(backend: impl Backend, options: Options) -> Report {
    check_opener(Arc::new(backend), options).await
}

pub(crate) async fn check_opener(opener: Arc<dyn Opener>, options: Options) -> Report {
    let (store, seed) = (opener.name(), options.seed);
    if serve(&opener) {
        return Report { store, seed, cases: Vec::new() };
    }
    let (done, reports) = oneshot::channel();
    // The caller's runtime must not be blocked by waiting for threads.
    thread::spawn(move || done.send(run_all(&opener, &options)));
    Report { store, seed, cases: reports.await.unwrap_or_default() }
}

fn run_all(opener: &Arc<dyn Opener>, options: &Options) -> Vec<CaseReport> {
    let cases: Vec<&'static Case> = groups::cases().filter(|case| (options.filter)(case)).collect();
    let (next, reports) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let report = run(case, opener, options);
            (options.on_case)(&report);
            reports.lock().unwrap_or_else(PoisonError::into_inner).push(report);
        }
    };
    thread::scope(|scope| (0..options.threads).for_each(|_| drop(scope.spawn(work))));
    let mut reports = reports.into_inner().unwrap_or_else(PoisonError::into_inner);
    reports.sort_by_key(|report| cases.iter().position(|case| case.id == report.case.id));
    reports
}
