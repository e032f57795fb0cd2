//! The applications of the web.py and Karrigell manuals, with sessions on any store.
//!
//! ```text
//! cargo run --release -p demo
//! cargo run --release -p demo -- --store memory: --listen 127.0.0.1:0
//! cargo run --release -p demo -- --store sqlite:sessions.db --max-sessions 1000
//! cargo run --release -p demo -- --config demo/demo.toml --secure
//! ```
//!
//! `demo.toml` beside this crate's manifest lists what a file can say. `routes` holds an application per file, and that
//! is what to read first. The rest is what a server needs around them: the command line and the file (`args`,
//! `settings`), the stores by their URL (`store_url`), the server itself with its end (`serve`), and what pages and
//! answers have in common (`page`, `parameters`, `refusal`).
//!
//! The manuals' routes answer GET as well, because that is how the manuals show them. An application of your own changes
//! things by POST alone, as `/devices` does: from its own pages (`same_origin`), with a CSRF token of the session (`csrf`),
//! which every form here brings.

mod args;
mod csrf;
mod device;
mod elapsed;
mod headers;
mod in_flight;
mod line;
mod logs;
mod page;
mod parameters;
mod refusal;
mod routes;
mod same_origin;
mod serve;
mod settings;
mod store_url;

use std::{error::Error, io::Write, process::ExitCode, time::Duration};

use clap::Parser;

use crate::{args::Args, settings::Settings};

/// How long writes that nobody waits for any more may go on when everything else has ended.
const LAST_WRITES: Duration = Duration::from_secs(5);

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to be told that standard error is closed.
            let _ = writeln!(std::io::stderr(), "demo: {}", with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    logs::start()?;
    let settings = Settings::new(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(serve::serve(&args.listen, settings));
    runtime.shutdown_timeout(LAST_WRITES);
    served
}

/// Shows an error and its causes in one line.
fn with_causes(error: &dyn Error) -> String {
    let mut messages = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        messages.push(error.to_string());
        cause = error.source();
    }
    messages.join(": ")
}
