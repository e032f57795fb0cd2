//! What the tests made by `suite!` call.

use std::{io::Write, sync::Arc};

use crate::{
    backend::{Backend, Opener},
    capabilities::Need,
    groups,
    options::Options,
    process::serve,
    report::Verdict,
    run::run,
};

/// Runs the case whose id is written `cas_006`, in a test whose path is `module`.
///
/// # Panics
///
/// When the case fails: that is how a test fails.
#[expect(clippy::panic, reason = "this is how a test fails")]
#[expect(clippy::print_stderr, reason = "a test that the machine cannot run says so")]
pub fn test(backend: impl Backend, id: &str, module: &str) {
    let id = id.to_uppercase().replace('_', "-");
    let case = groups::cases().find(|case| case.id == id).expect("the list of cases made this test");
    let options = Options::default().rerun_test(&second_process_beside(module));
    let opener: Arc<dyn Opener> = Arc::new(backend);
    let report = run(case, &opener, &options);
    match &report.verdict {
        Verdict::Passed | Verdict::Skipped(_) | Verdict::Excepted(_) => {}
        Verdict::NotRun(reason) => {
            eprintln!("NOT RUN: {id}: {reason}");
            leave_word(&format!("{} {id}: {reason}", opener.name()));
        }
        Verdict::Failed(_) => {
            panic!("{report}\n  again: CONFORMANCE_SEED={} cargo test {}", options.seed, case.name)
        }
    }
}

/// Returns the name of the test in which a second process begins: it is in the module around that of a case.
fn second_process_beside(module: &str) -> String {
    // The first part is the name of the crate, which is no part of a test's name.
    let parts: Vec<&str> = module.split("::").skip(1).collect();
    let around = parts.split_last().map_or(&[][..], |(_, around)| around);
    around.iter().chain(&["a_second_process_begins_here"]).copied().collect::<Vec<_>>().join("::")
}

/// Serves the stores of `backend` in a process that was started for that, and does nothing in any other.
pub fn second_process(backend: impl Backend) {
    let opener: Arc<dyn Opener> = Arc::new(backend);
    serve(&opener);
}

/// Writes down what was not run, where a script asks for it: a passed test shows no output.
fn leave_word(line: &str) {
    let Some(path) = std::env::var_os("NOT_RUN_FILE") else { return };
    if let Ok(mut file) = std::fs::OpenOptions::new().append(true).create(true).open(path) {
        let _ = writeln!(file, "{line}");
    }
}

/// Compares the words given to `suite!` with what the backend's constants claim, and except.
///
/// # Panics
///
/// When they differ: that is how a test fails.
pub fn compare_claims<B: Backend>(_: &B, words: &[&str], exceptions: &[(&str, &str)]) {
    let claims = Need::ALL.iter().filter(|need| need.is_claim());
    let (mut claimed, mut given): (Vec<_>, Vec<_>) =
        (claims.filter(|need| B::CAPS.meet(**need)).map(|need| need.word()).collect(), words.to_vec());
    claimed.sort_unstable();
    given.sort_unstable();
    assert_eq!(given, claimed, "the words given to `suite!` (left) are not what `CAPS` claims (right)");
    let id = |word: &str| word.to_uppercase().replace('_', "-");
    let given: Vec<_> = exceptions.iter().map(|(word, reason)| (id(word), *reason)).collect();
    let named: Vec<_> =
        B::EXCEPTIONS.iter().map(|exception| (exception.id.to_owned(), exception.reason)).collect();
    assert_eq!(given, named, "the exceptions given to `suite!` (left) are not those of `EXCEPTIONS` (right)");
}
