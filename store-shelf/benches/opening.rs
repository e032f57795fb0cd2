//! How long opening takes, and how much memory a full file, by the number of sessions in it.
//!
//! ```console
//! $ cargo bench -p store-shelf --bench opening                            # 50,000 sessions
//! $ cargo bench -p store-shelf --bench opening -- --sessions 1000000      # some minutes, 2.5 GB in `target`
//! ```
//!
//! A process of its own fills the file and closes it. Another one writes to it until it is killed. The file is in the cache of
//! the operating system when it is opened, as after a restart of the program alone.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark that cannot go on has failed")]

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use session_core::{Expect, Key, Record, Store, Timestamp};
use store_shelf::{ShelfOptions, ShelfStore};
use tokio::task::JoinSet;

/// Says to a process of its own what to do.
const JOB: &str = "STORE_SHELF_OPENING_JOB";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    match env::var(JOB) {
        Ok(job) => runtime.block_on(work(&job)),
        Err(_) => runtime.block_on(compare(sessions_wanted())),
    }
}

fn sessions_wanted() -> u64 {
    let arguments: Vec<_> = env::args().collect();
    let given = arguments.iter().skip_while(|argument| *argument != "--sessions").nth(1);
    let default = if arguments.iter().any(|argument| argument == "--bench") { 50_000 } else { 100 };
    given.map_or(default, |number| number.parse().expect("`--sessions` takes a number"))
}

async fn compare(sessions: u64) {
    println!("{sessions} sessions of 1 KiB, in {}", env!("CARGO_TARGET_TMPDIR"));
    for quick_repair in [false, true] {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let file = folder.path().join("sessions.redb");
        let mut filling = Process::start("fill", &file, sessions, quick_repair);
        let filled = filling.line();
        filling.child.wait().unwrap();
        let size = fs::metadata(&file).unwrap().len() >> 20;
        let after_close = opening(&file, quick_repair).await;
        let mut writing = Process::start("write", &file, sessions, quick_repair);
        writing.line();
        writing.child.kill().unwrap();
        writing.child.wait().unwrap();
        let after_kill = opening(&file, quick_repair).await;
        println!(
            "quick_repair {quick_repair}: {filled}, {size} MiB on the disk; \
             opened in {after_close:.3?} after a close and in {after_kill:.3?} after kill -9"
        );
    }
}

/// Returns how long opening takes.
async fn opening(file: &Path, quick_repair: bool) -> Duration {
    let begun = now();
    let store = ShelfStore::open_with(file, options(quick_repair)).unwrap();
    let took = begun.elapsed();
    store.close().await;
    took
}

/// This program, once more.
struct Process {
    child: Child,
}

impl Process {
    fn start(job: &str, file: &Path, sessions: u64, quick_repair: bool) -> Self {
        let job = format!("{job} {sessions} {quick_repair} {}", file.display());
        let mut command = Command::new(env::current_exe().unwrap());
        Self { child: command.env(JOB, job).stdout(Stdio::piped()).spawn().unwrap() }
    }

    /// Waits for what it has to say.
    fn line(&mut self) -> String {
        let mut line = String::new();
        BufReader::new(self.child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

async fn work(job: &str) {
    let mut words = job.splitn(4, ' ');
    let what = words.next().unwrap();
    let sessions: u64 = words.next().unwrap().parse().unwrap();
    let quick_repair = words.next() == Some("true");
    let store = ShelfStore::open_with(PathBuf::from(words.next().unwrap()), options(quick_repair)).unwrap();
    let begun = now();
    if what == "fill" {
        save(&store, 0, sessions).await;
        let took = begun.elapsed();
        store.close().await;
        println!("filled in {took:.1?} with {} MiB of memory at most", memory_max() >> 10);
    } else {
        save(&store, sessions, sessions / 100 + 10).await;
        println!("at work");
        save(&store, 2 * sessions, u64::MAX / 4).await;
    }
}

/// Saves `count` new sessions, 256 at a time.
async fn save(store: &ShelfStore, first: u64, count: u64) {
    let tasks = (0..256).map(|task| {
        let store = store.clone();
        async move {
            for n in (first + task..first + count).step_by(256) {
                create(&store, n).await;
            }
        }
    });
    tasks.collect::<JoinSet<_>>().join_all().await;
}

async fn create(store: &ShelfStore, n: u64) {
    // Keys are random in life, so neighbours in number are none in the file.
    let key = (u128::from(n) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let [accessed_at, expires_at] = [n, n + 1_000_000_000].map(|at| Timestamp::from_millis(at.cast_signed()));
    let record = Record { data: n.to_le_bytes().repeat(128).into(), accessed_at, expires_at, owner: None };
    store.save(&Key::from_bytes(key.to_be_bytes()), &record, Expect::Absent, accessed_at).await.unwrap();
}

fn options(quick_repair: bool) -> ShelfOptions {
    ShelfOptions::default().quick_repair(quick_repair)
}

/// Returns the most memory that this process has had, in KiB.
fn memory_max() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "how long something takes is what is looked for")]
fn now() -> Instant {
    Instant::now()
}
