//! A process of its own that can be traced, stopped and killed: this test binary once more.

use std::{
    env,
    fs::OpenOptions,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use session_core::{Expect, Store};
use store_shelf::ShelfStore;

use crate::common::{at, data, key, quick, record, told};

const ME: &str = "victim::is_this_binary_run_once_more";
const JOB: &str = "STORE_SHELF_VICTIM_JOB";
const MARK: &str = ">>> ";
const FILE: &str = "STORE_SHELF_VICTIM_FILE";

/// Returns the command that does `job` on `file`.
pub(crate) fn victim(job: &str, file: &Path) -> Command {
    finish(Command::new(env::current_exe().unwrap()), job, file)
}

fn finish(mut command: Command, job: &str, file: &Path) -> Command {
    command.args(["--exact", ME, "--nocapture", "--test-threads=1"]);
    command.env(JOB, job).env(FILE, file).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// Says that a test did not take place, also in the file that `scripts/test` shows: the harness knows only passed and
/// failed, and hides what a passed test prints.
#[expect(clippy::print_stderr, reason = "a test that did not take place must not look as if it had passed")]
pub(crate) fn not_run(why: &str) {
    let thread = std::thread::current();
    let line = format!("NOT RUN: {}: {why}", thread.name().unwrap_or("a test"));
    eprintln!("{line}");
    if let Some(path) = env::var_os("NOT_RUN_FILE") {
        let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
        writeln!(file, "{line}").unwrap();
    }
}

/// A victim at work, killed with its test.
pub(crate) struct AtWork {
    child: Child,
    lines: Box<dyn Iterator<Item = String>>,
}

impl AtWork {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        // The harness speaks, too, even on the same line; what a victim says comes after a mark.
        let lines = Box::new(lines.filter_map(|line| Some(line.split_once(MARK)?.1.to_owned())));
        Self { child, lines }
    }

    /// Waits for the next thing it says, `None` when it has ended.
    pub(crate) fn next(&mut self) -> Option<String> {
        self.lines.next()
    }

    pub(crate) fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.rest()
    }

    /// Waits for its end and returns what else it said.
    pub(crate) fn rest(&mut self) -> Vec<String> {
        let lines = self.lines.by_ref().collect();
        self.child.wait().unwrap();
        lines
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn is_this_binary_run_once_more() {
    let (Ok(job), Some(file)) = (env::var(JOB), env::var_os(FILE)) else { return };
    let file = PathBuf::from(file);
    match job.as_str() {
        "open" => say(&ShelfStore::open(file).map_or_else(|error| told(&error), |_| "opened".to_owned())),
        "hold" => hold(&file).await,
        "count" => count(&ShelfStore::open_with(file, quick()).unwrap()).await,
        "fail" => fail(&ShelfStore::open(file).unwrap()).await,
        _ => panic!("there is no such job"),
    }
}

#[expect(clippy::print_stdout, reason = "this is how a victim speaks")]
fn say(text: &str) {
    println!("{MARK}{text}");
    std::io::stdout().flush().unwrap();
}

/// Keeps the file open until it is killed.
async fn hold(file: &Path) {
    let _store = ShelfStore::open(file).unwrap();
    say("held");
    std::future::pending::<()>().await;
}

/// Counts up for ever, and says each number once it is kept.
async fn count(store: &ShelfStore) {
    let mut revision = store.load(&key(1), at(0)).await.unwrap().unwrap().revision;
    let mut count: u64 = data(store, &key(1)).await.unwrap().parse().unwrap();
    loop {
        count += 1;
        let next = record(&count.to_string());
        revision = store.save(&key(1), &next, Expect::Revision(revision), at(0)).await.unwrap();
        say(&count.to_string());
    }
}

/// Saves large sessions until one is not kept, says which, and ends at once.
async fn fail(store: &ShelfStore) {
    for n in 1.. {
        if store.save(&key(n), &record(&"x".repeat(20_000)), Expect::Absent, at(0)).await.is_err() {
            say(&n.to_string());
            std::process::exit(0);
        }
    }
}
