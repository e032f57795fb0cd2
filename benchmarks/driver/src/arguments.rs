//! The command line.

use std::path::PathBuf;

/// Compares the stores with their peers, side by side in one run.
#[derive(clap::Parser)]
#[command(name = "benchmarks/run")]
pub(crate) struct Arguments {
    /// The rows that have a goal, and no others: within ten minutes.
    #[arg(long)]
    pub(crate) quick: bool,

    /// Writes the rows to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Only rows whose name contains this; may be given more than once.
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Vec<String>,

    /// Prints the names of the rows, and measures nothing.
    #[arg(long)]
    pub(crate) list: bool,

    /// Writes a chart of all ratios to this file, as SVG.
    #[arg(long, value_name = "FILE")]
    pub(crate) chart: Option<PathBuf>,

    /// Writes the tables and plots into this page, between its markers, and the plots beside it.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,

    /// Shows the rows in this file, and measures nothing; files of several runs may be joined.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["quick", "only", "list"])]
    pub(crate) from: Option<PathBuf>,

    /// Where stores with files are made: a folder on a disk, because in memory a sync costs nothing.
    #[arg(long, value_name = "PATH", overrides_with = "folder")]
    pub(crate) folder: PathBuf,

    /// The folder with the programs that are measured, which `benchmarks/run` builds.
    #[arg(long, value_name = "PATH", hide = true)]
    pub(crate) programs: PathBuf,

    /// The URL of a PostgreSQL server; tables and schemas are made, and dropped in the end.
    #[arg(
        long,
        value_name = "URL",
        env = "BENCHMARKS_POSTGRES",
        hide_env_values = true,
        default_value = "postgres://postgres@127.0.0.1/postgres"
    )]
    pub(crate) postgres: String,

    /// The URL of a database on a MariaDB or MySQL server, where we may make databases and tables, which are dropped.
    #[arg(
        long,
        value_name = "URL",
        env = "BENCHMARKS_MYSQL",
        hide_env_values = true,
        default_value = "mysql://root@127.0.0.1/test"
    )]
    pub(crate) mysql: String,
}

impl Arguments {
    /// Returns whether a row of this name was asked for, which has a goal or not.
    pub(crate) fn wants(&self, name: &str, has_goal: bool) -> bool {
        (has_goal || !self.quick)
            && (self.only.is_empty() || self.only.iter().any(|only| name.contains(only)))
    }
}
