//! What did not take place.

use std::{env, fs::OpenOptions, io::Write};

/// Says that something did not take place, also in the file that `scripts/test` shows.
#[expect(clippy::print_stderr, reason = "a test that did not take place must not look as if it had passed")]
pub(crate) fn not_run(what: &str) {
    let line = format!("NOT RUN: {what}");
    eprintln!("{line}");
    if let Some(path) = env::var_os("NOT_RUN_FILE") {
        let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
        writeln!(file, "{line}").unwrap();
    }
}
