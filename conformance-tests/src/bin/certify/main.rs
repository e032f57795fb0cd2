//! Runs the suite on our stores, and writes down what came of it.
//!
//! ```console
//! $ cargo run -p conformance-tests --bin certify -- [--store NAME]…
//! ```
//!
//! It prints a table for each store, and writes `CONFORMANCE.md` and `target/conformance/NAME.json`. It exits with 1 when a
//! store misses a level that it claims. Without `--store` all stores are run.

mod certificate;
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

use conformance_tests::{Backend, Capabilities, Options, Report, check, stores};

use crate::progress::Progress;

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
    let wanted = wanted(env::args().skip(1))?;
    let mut all = Vec::new();
    for name in wanted {
        let certified = match name.as_str() {
            "store-memory" => certify(stores::Memory).await,
            "store-disk" => certify(stores::Disk::new()?).await,
            other => {
                return Err(format!("there is no store `{other}`; there are {}", STORES.join(" and ")).into());
            }
        };
        writeln!(io::stdout(), "{}", table::of(&certified))?;
        all.push(certified);
    }
    write(&all)?;
    Ok(all.iter().all(|certified| levels::missed(certified).is_empty()))
}

const STORES: [&str; 2] = ["store-memory", "store-disk"];

/// Returns the names of the stores that were asked for; `memory` is short for `store-memory`.
fn wanted(arguments: impl Iterator<Item = String>) -> Result<Vec<String>, Box<dyn Error>> {
    let (mut wanted, mut arguments) = (Vec::new(), arguments);
    while let Some(argument) = arguments.next() {
        if argument != "--store" {
            return Err(format!("unknown argument `{argument}`; usage: certify [--store NAME]…").into());
        }
        let name = arguments.next().ok_or("`--store` needs the name of a store")?;
        wanted.push(if name.starts_with("store-") { name } else { format!("store-{name}") });
    }
    if wanted.is_empty() {
        wanted = STORES.map(str::to_owned).to_vec();
    }
    Ok(wanted)
}

async fn certify<B: Backend>(backend: B) -> Certified {
    let progress = Progress::start(B::NAME, conformance_tests::cases().count());
    let ticker = progress.clone();
    let report = check(backend, Options::default().on_case(move |case| ticker.tick(case))).await;
    progress.end();
    Certified { report, caps: B::CAPS }
}

/// Writes the certificates: one page for people, and a file for each store for programs.
fn write(all: &[Certified]) -> io::Result<()> {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = crate_folder.parent().unwrap_or(crate_folder);
    let folder = workspace.join("target/conformance");
    fs::create_dir_all(&folder)?;
    for certified in all {
        fs::write(
            folder.join(format!("{}.json", certified.report.store)),
            certificate::json(&certified.report),
        )?;
    }
    fs::write(workspace.join("CONFORMANCE.md"), certificate::page(all))
}
