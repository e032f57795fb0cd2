//! A program that is measured, as a child of this one.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use crate::Result;

/// A child, which has said that it is ready, and waits for a line.
pub(crate) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    what: String,
    /// What stood behind `ready`.
    pub(crate) greeting: String,
}

impl Process {
    pub(crate) fn start(program: &Path, arguments: &[&str]) -> Result<Self> {
        let what = format!(
            "{} {}",
            program.display(),
            arguments.iter().take(2).copied().collect::<Vec<_>>().join(" ")
        );
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start {what}: {error}"))?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let output = BufReader::new(output.ok_or("a child has an output")?);
        let mut process = Self { child, input, output, what, greeting: String::new() };
        let line = process.line()?;
        process.greeting = line.strip_prefix("ready").ok_or("a child is ready first")?.trim().to_owned();
        Ok(process)
    }

    /// Has the child do a round of work, and returns how many operations that were in what time.
    pub(crate) fn round(&mut self, work: &str) -> Result<(f64, Duration)> {
        let what = &self.what;
        let input = self.input.as_mut().ok_or("a child listens until it is ended")?;
        writeln!(input, "{work}").map_err(|error| format!("{what} does not listen: {error}"))?;
        let line = self.line()?;
        let (operations, nanos) = line.trim().split_once(' ').ok_or("a child answers with two numbers")?;
        Ok((operations.parse()?, Duration::from_nanos(nanos.parse()?)))
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        match self.output.read_line(&mut line)? {
            0 => Err(format!("{} has ended before its time", self.what).into()),
            _ => Ok(line),
        }
    }

    /// Returns how much time of the processors it has taken, in and for it.
    pub(crate) fn cpu_time(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name of the program, in brackets, may hold anything; user and system time are the 12th and 13th behind it.
        let (_, fields) = stat.rsplit_once(')').ok_or("the name of a process is in brackets")?;
        let ticks: u64 =
            fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Ok(Duration::from_millis(10 * ticks))
    }
}

impl Drop for Process {
    /// Closes its input, upon which it tidies up and ends.
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}
