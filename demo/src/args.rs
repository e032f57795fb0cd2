//! The command line.

use std::{num::NonZero, path::PathBuf};

use crate::store_url;

/// Serves the applications of the web.py and Karrigell manuals, with sessions on any store.
#[derive(Debug, clap::Parser)]
#[command(version, after_help = AFTER_HELP)]
pub(crate) struct Args {
    // Kept as text, because the parser of the command line would quote a refused one, and a URL may hold a password.
    #[arg(long, value_name = "URL", help = store_help())]
    pub(crate) store: Option<String>,

    /// Where to serve; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) listen: String,

    /// A TOML file with `store`, `max_sessions` and the parameters of the configuration
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// The most sessions that the store may hold, Karrigell's `max_sessions`; one more evicts the expired, then visitors who
    /// are not logged in, then the others, whoever was away longest first
    #[arg(long, value_name = "N")]
    pub(crate) max_sessions: Option<NonZero<usize>>,

    /// Start from `Config::default()`, which needs HTTPS in front, instead of `Config::plain_http()`
    #[arg(long)]
    pub(crate) secure: bool,
}

fn store_help() -> String {
    let forms = store_url::forms();
    format!("Where sessions are kept: {forms}; without it `store` of the file, or else disk:./sessions")
}

const AFTER_HELP: &str = "\
The command line comes first: --store wins over `store` in FILE, and --max-sessions over `max_sessions`. Parameters in FILE win over the configuration that \
--secure chooses, except that --secure and `secure = false` together are refused. A relative path is looked up \
from where the demo is started. RUST_LOG chooses what is logged to standard error, such as RUST_LOG=debug.";
