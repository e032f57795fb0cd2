//! A test program of its own, without libtest.

use std::{process::ExitCode, sync::Arc};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::{
    backend::{Backend, Opener},
    case::Case,
    groups,
    options::Options,
    process::serve,
    report::Verdict,
    run::{refusal, run},
};

/// Runs the suite as a test program: the whole `main` of a test with `harness = false`.
///
/// It takes the arguments that cargo and nextest give to tests. A case that is skipped or cannot run on this machine is
/// shown as ignored with its reason, never as passed.
///
/// ```no_run
/// # use std::{process::ExitCode, sync::Arc};
/// # use conformance_tests::{Backend, Capabilities, Namespace};
/// # use session_core::{Result, Store};
/// # use store_memory::MemoryStore;
/// # struct Memory;
/// # impl Backend for Memory {
/// #     const NAME: &'static str = "store-memory";
/// #     const CAPS: Capabilities = Capabilities::PLAIN.directory().objects();
/// #     async fn open(&self, _: &Namespace) -> Result<Arc<dyn Store>> { Ok(Arc::new(MemoryStore::new())) }
/// # }
/// fn main() -> ExitCode {
///     conformance_tests::main(Memory)
/// }
/// ```
#[must_use]
pub fn main(backend: impl Backend) -> ExitCode {
    let opener: Arc<dyn Opener> = Arc::new(backend);
    if serve(&opener) {
        return ExitCode::SUCCESS;
    }
    let options = Options::default();
    let trials = groups::cases().map(|case| trial(case, &opener, &options)).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(case: &'static Case, opener: &Arc<dyn Opener>, options: &Options) -> Trial {
    let name = format!("{}::{}", case.id, case.name);
    match refusal(case, &**opener) {
        Some(Verdict::Skipped(reason) | Verdict::Excepted(reason)) => ignored(name, reason),
        Some(Verdict::NotRun(reason)) => ignored(name, format!("NOT RUN, {reason}")),
        _ => {
            let (opener, options) = (Arc::clone(opener), options.clone());
            Trial::ignorable_test(name, move || attempt(case, &opener, &options))
        }
    }
}

/// A case that cannot be tried: it has not passed either when somebody runs what is ignored.
fn ignored(name: String, reason: String) -> Trial {
    let kind = reason.clone();
    Trial::ignorable_test(name, || Ok(Completion::ignored_with(reason)))
        .with_ignored_flag(true)
        .with_kind(kind)
}

fn attempt(case: &'static Case, opener: &Arc<dyn Opener>, options: &Options) -> Result<Completion, Failed> {
    let report = run(case, opener, options);
    match report.verdict {
        Verdict::Passed => Ok(Completion::Completed),
        Verdict::Skipped(reason) | Verdict::Excepted(reason) => Ok(Completion::ignored_with(reason)),
        Verdict::NotRun(reason) => Ok(Completion::ignored_with(format!("NOT RUN, {reason}"))),
        Verdict::Failed(_) => {
            Err(format!("{report}\n  again: CONFORMANCE_SEED={} and the name of the case", options.seed)
                .into())
        }
    }
}
