//! Has ours and the peers work in turn, and tells what came of it.

mod arguments;
mod bench;
mod jobs;
mod load;
mod process;
mod results;
mod stores;
mod turns;

use std::{fs, process::ExitCode};

use clap::Parser;

use crate::{
    arguments::Arguments,
    bench::Bench,
    results::{chart, report, table},
};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Returns whether everything that was asked for could be measured; a goal that is missed is a result like any other.
async fn run(arguments: &Arguments) -> Result<bool> {
    if arguments.list {
        jobs::all(arguments).iter().flat_map(jobs::Job::names).for_each(|name| println!("{name}"));
        return Ok(true);
    }
    let (rows, failures) = match &arguments.from {
        Some(path) => (serde_json::from_str(&fs::read_to_string(path)?)?, Vec::new()),
        None => Bench::new(arguments)?.run(jobs::all(arguments)).await?,
    };
    println!("{}", table::of(&rows));
    if let Some(path) = &arguments.json {
        fs::write(path, serde_json::to_string_pretty(&rows)? + "\n")?;
    }
    if let Some(path) = &arguments.chart {
        fs::write(path, chart::bars(&rows))?;
    }
    if let Some(path) = &arguments.report {
        report::write(path, &rows)?;
    }
    for failure in &failures {
        println!("{failure}");
    }
    Ok(failures.is_empty())
}
