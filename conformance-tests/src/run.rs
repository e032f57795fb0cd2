//! Runs one case, whatever it does.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
};

use crate::{
    backend::Opener,
    capabilities::Need,
    case::Case,
    ctx::{Ctx, Notes, discard},
    namespace::Namespaces,
    options::Options,
    outcome::{Outcome, Stop},
    report::{CaseReport, Finding, Verdict},
    stopwatch::Stopwatch,
};

/// Runs one case on a thread and a runtime of its own, so that one that panics or hangs harms no other.
pub(crate) fn run(case: &'static Case, opener: &Arc<dyn Opener>, options: &Options) -> CaseReport {
    let watch = Stopwatch::start();
    let notes = Arc::new(Mutex::new(Notes::default()));
    let verdict = match refusal(case, &**opener) {
        Some(verdict) => verdict,
        None => watched(case, opener, options, &notes),
    };
    let checks = std::mem::take(&mut notes.lock().unwrap_or_else(PoisonError::into_inner).checks);
    CaseReport { case, verdict, checks, took: watch.elapsed() }
}

/// Returns why the case cannot run, before anything is opened.
pub(crate) fn refusal(case: &Case, opener: &dyn Opener) -> Option<Verdict> {
    // The case that looks at the exceptions themselves has none.
    let exceptions = opener.exceptions().iter().filter(|_| case.id != "NEG-005");
    if let Some(exception) = exceptions.copied().find(|exception| exception.id == case.id) {
        return Some(Verdict::Excepted(exception.to_string()));
    }
    let caps = opener.caps();
    if let Some(need) = case.needs.iter().find(|need| !caps.meet(**need)) {
        return Some(Verdict::Skipped(need.reason().to_owned()));
    }
    let missing = case.needs.iter().copied().find(|need: &Need| !need.is_on_this_machine());
    missing.map(|need| need.reason().to_owned()).or_else(|| opener.absence()).map(Verdict::NotRun)
}

/// Runs the case on a thread that is left to itself when it does not end in time. Where it awaits, it ends then: what waits by asking
/// again and again would keep a processor busy beside all other cases.
fn watched(
    case: &'static Case,
    opener: &Arc<dyn Opener>,
    options: &Options,
    notes: &Arc<Mutex<Notes>>,
) -> Verdict {
    let ((done, end), (patience, is_over)) = (mpsc::channel(), oneshot::channel());
    let (opener, its_options, its_notes) = (Arc::clone(opener), options.clone(), Arc::clone(notes));
    let namespaces = Arc::new(Namespaces::default());
    let its_namespaces = Arc::clone(&namespaces);
    let body = move || {
        // Whoever stopped waiting has reported that already.
        let _ = done.send(caught(case, &opener, &its_options, its_notes, &its_namespaces, is_over));
    };
    if let Err(error) = thread::Builder::new().name(case.id.to_owned()).spawn(body) {
        return Verdict::NotRun(format!("no thread could be started: {error}"));
    }
    let stop = end.recv_timeout(options.watchdog).unwrap_or_else(|_| {
        drop(patience);
        // A thread that hangs removes nothing any more.
        namespaces.remove_folders();
        Err(Stop::Failed(format!("the case did not end within {} s", options.watchdog.as_secs())))
    });
    verdict(stop, notes)
}

fn verdict(end: Outcome, notes: &Mutex<Notes>) -> Verdict {
    let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
    match end {
        Ok(()) => {}
        Err(Stop::Failed(message)) => notes.add(None, message),
        Err(Stop::NotRun(reason)) if notes.findings.is_empty() => return Verdict::NotRun(reason),
        Err(Stop::NotRun(_)) => {}
    }
    let findings: Vec<Finding> = notes.findings.clone();
    if findings.is_empty() { Verdict::Passed } else { Verdict::Failed(findings) }
}

fn caught(
    case: &'static Case,
    opener: &Arc<dyn Opener>,
    options: &Options,
    notes: Arc<Mutex<Notes>>,
    namespaces: &Arc<Namespaces>,
    is_over: oneshot::Receiver<()>,
) -> Outcome {
    let runtime = runtime()?;
    let body = async {
        let ctx = Ctx::open(case, Arc::clone(opener), options, notes, Arc::clone(namespaces)).await?;
        (case.run)(&ctx).await
    };
    let body = async {
        tokio::select! {
            biased;
            _ = is_over => Err(Stop::Failed("it was given up".to_owned())),
            end = body => end,
        }
    };
    let end = catch_unwind(AssertUnwindSafe(|| runtime.block_on(body)));
    // Also after a panic, and where nothing could be opened. What cannot be removed is no finding.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        while let Some(namespace) = namespaces.last() {
            runtime.block_on(discard(&**opener, &namespace));
            namespaces.forget(&namespace);
        }
    }));
    // A task that a broken store left behind must not hold up the report.
    runtime.shutdown_background();
    end.unwrap_or_else(|panic| Err(Stop::Failed(format!("it panicked: {}", words(&*panic)))))
}

fn runtime() -> Outcome<Runtime> {
    let built = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    built.map_err(|error| Stop::NotRun(format!("no runtime could be built: {error}")))
}

/// Returns what a panic said.
pub(crate) fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without words".to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use session_core::{Error, Result, Store};

    use super::*;
    use crate::{backend::Backend, capabilities::Capabilities, groups, namespace::Namespace};

    /// A store that cannot be opened when its folder is there already.
    struct Broken {
        way: Way,
        folders: Arc<Mutex<Vec<Namespace>>>,
    }

    #[derive(Clone, Copy, Debug)]
    enum Way {
        Fails,
        Panics,
        Hangs,
        AsksAgain,
    }

    impl Backend for Broken {
        const NAME: &'static str = "broken";
        const CAPS: Capabilities = Capabilities::PLAIN;

        async fn open(&self, namespace: &Namespace) -> Result<Arc<dyn Store>> {
            assert!(namespace.folder().is_dir());
            self.folders.lock().unwrap().push(namespace.clone());
            match self.way {
                Way::Fails => Err(Error::Full),
                Way::Panics => panic!("on purpose"),
                Way::Hangs => std::future::pending().await,
                Way::AsksAgain => loop {
                    tokio::task::yield_now().await;
                },
            }
        }
    }

    #[test]
    fn no_folder_is_left_however_a_case_ends() {
        for way in [Way::Fails, Way::Panics, Way::Hangs, Way::AsksAgain] {
            let folders = Arc::new(Mutex::default());
            let opener: Arc<dyn Opener> = Arc::new(Broken { way, folders: Arc::clone(&folders) });
            let case = groups::cases().next().unwrap();
            let report = run(case, &opener, &Options::default().watchdog(Duration::from_millis(200)));
            assert!(matches!(report.verdict, Verdict::Failed(_)), "{way:?}: {report}");
            let opened = folders.lock().unwrap();
            let path = std::env::temp_dir().join(format!("conformance-{}", opened.first().unwrap()));
            assert!(!path.exists(), "{way:?} leaves {}", path.display());
        }
    }

    #[test]
    fn a_case_that_is_given_up_keeps_no_processor_busy() {
        let opener: Arc<dyn Opener> = Arc::new(Broken { way: Way::AsksAgain, folders: Arc::default() });
        let case = groups::cases().next().unwrap();
        run(case, &opener, &Options::default().watchdog(Duration::from_millis(50)));
        // Its thread has it, and lets it go when it ends.
        let watch = Stopwatch::start();
        while Arc::strong_count(&opener) > 1 && watch.elapsed() < Duration::from_mins(1) {
            thread::yield_now();
        }
        assert_eq!(Arc::strong_count(&opener), 1);
    }
}
