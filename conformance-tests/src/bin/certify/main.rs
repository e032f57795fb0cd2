//! Runs the suite on our stores, and writes down what came of it.
//!
//! ```console
//! $ cargo run -p conformance-tests --bin certify -- [--store NAME]… [--accept-not-run]
//! ```
//!
//! It prints a table for each store, and writes `CONFORMANCE.md` and `target/conformance/NAME.json`. Without `--store` all stores
//! are run; the page has those that were run.
//!
//! It exits with 1 when a store misses a level that it claims: when a case of the level failed, or was not run, for
//! what was not tried is not shown. `--accept-not-run` accepts the latter, for a machine that lacks a tool; the certificate
//! says so all the same. A case about something that the store does not claim is skipped, and counts for nothing.

mod arguments;
mod certificate;
mod edition;
mod levels;
mod progress;
mod table;

use std::{
    env,
    error::Error,
    fs,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use conformance_tests::{Capabilities, Options, Report, stores::Certifiable};

use crate::{arguments::Arguments, levels::Standing, progress::Progress};

/// A report, with what the store claims.
pub(crate) struct Certified {
    pub(crate) report: Report,
    pub(crate) caps: Capabilities,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "certify: {error}");
            ExitCode::from(2)
        }
    }
}

/// Certifies the stores that were asked for, and returns whether every one of them keeps what it claims.
async fn run() -> Result<bool, Box<dyn Error>> {
    let Arguments { wanted, accept_not_run } = Arguments::parse(env::args().skip(1))?;
    let mut all = Vec::new();
    for store in wanted {
        let certified = certify(store).await;
        writeln!(io::stdout(), "{}", table::of(&certified))?;
        all.push(certified);
    }
    write(&all)?;
    let is_good = |standing| standing == Standing::Kept || accept_not_run && standing == Standing::NotShown;
    Ok(all.iter().flat_map(levels::standings).all(|(_, standing)| is_good(standing)))
}

async fn certify(store: &Certifiable) -> Certified {
    let progress = Progress::start(store.name, conformance_tests::cases().count());
    let ticker = progress.clone();
    let report = (store.check)(Options::default().on_case(move |case| ticker.tick(case))).await;
    progress.end();
    Certified { report, caps: store.caps }
}

/// Writes the certificates: one page for people, and a file for each store for programs.
fn write(all: &[Certified]) -> io::Result<()> {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = crate_folder.parent().unwrap_or(crate_folder);
    let folder = workspace.join("target/conformance");
    fs::create_dir_all(&folder)?;
    for certified in all {
        fs::write(folder.join(format!("{}.json", certified.report.store)), certificate::json(certified))?;
    }
    fs::write(workspace.join("CONFORMANCE.md"), certificate::page(all))
}
