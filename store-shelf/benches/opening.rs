//! How long opening takes, and how much memory a full file, by the number of sessions in it; and what `quick_repair` costs.
//!
//! ```console
//! $ cargo bench -p store-shelf --bench opening                            # 50,000 sessions
//! $ cargo bench -p store-shelf --bench opening -- --sessions 1000000      # some minutes, 2.5 GB in `target`
//! ```
//!
//! A process of its own fills the file and closes it. Others read sessions at random, each with another cache. One more writes to it
//! until it is killed. The file is in the cache of the operating system when it is opened, as after a restart of the program alone.

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
        let setting = Setting { sessions, quick_repair, cache_mib: 64 };
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let file = folder.path().join("sessions.redb");
        let mut filling = Process::start("fill", &file, setting);
        let filled = filling.line();
        filling.child.wait().unwrap();
        let size = fs::metadata(&file).unwrap().len() >> 20;
        let after_close = opening(&file, setting).await;
        let read = [8, 64, 256].map(|cache_mib| {
            let mut reading = Process::start("read", &file, Setting { cache_mib, ..setting });
            let line = reading.line();
            reading.child.wait().unwrap();
            line
        });
        let mut writing = Process::start("write", &file, setting);
        writing.line();
        writing.child.kill().unwrap();
        writing.child.wait().unwrap();
        let after_kill = opening(&file, setting).await;
        println!(
            "quick_repair {quick_repair}: {filled}, {size} MiB on the disk; \
             opened in {after_close:.3?} after a close and in {after_kill:.3?} after kill -9; {}",
            read.join(", ")
        );
    }
}

/// Returns how long opening takes.
async fn opening(file: &Path, setting: Setting) -> Duration {
    let begun = now();
    let store = ShelfStore::open_with(file, setting.options()).unwrap();
    let took = begun.elapsed();
    store.close().await;
    took
}

/// How a file is opened, and how many sessions are in it.
#[derive(Clone, Copy)]
struct Setting {
    sessions: u64,
    quick_repair: bool,
    cache_mib: usize,
}

impl Setting {
    fn options(self) -> ShelfOptions {
        ShelfOptions::default().quick_repair(self.quick_repair).cache_bytes(self.cache_mib << 20)
    }
}

/// This program, once more.
struct Process {
    child: Child,
}

impl Process {
    fn start(job: &str, file: &Path, setting: Setting) -> Self {
        let Setting { sessions, quick_repair, cache_mib } = setting;
        let job = format!("{job} {sessions} {quick_repair} {cache_mib} {}", file.display());
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
    let mut words = job.splitn(5, ' ');
    let mut word = || words.next().unwrap();
    let (what, sessions) = (word(), word().parse().unwrap());
    let setting = Setting { sessions, quick_repair: word() == "true", cache_mib: word().parse().unwrap() };
    let store = ShelfStore::open_with(PathBuf::from(word()), setting.options()).unwrap();
    match what {
        "fill" => fill(store, sessions).await,
        "read" => read(&store, setting).await,
        _ => {
            save(&store, sessions, sessions / 100 + 10).await;
            println!("at work");
            save(&store, 2 * sessions, u64::MAX / 4).await;
        }
    }
}

async fn fill(store: ShelfStore, sessions: u64) {
    let begun = now();
    save(&store, 0, sessions).await;
    let took = begun.elapsed();
    let begun = now();
    for n in 0..ALONE {
        create(&store, ALONE_FIRST + n).await;
    }
    let alone = begun.elapsed() / u32::try_from(ALONE).unwrap();
    store.close().await;
    let memory = memory_max() >> 10;
    println!("filled in {took:.1?}, a save alone took {alone:.0?}, {memory} MiB of memory at most");
}

/// How many sessions are saved one after the other.
const ALONE: u64 = 300;

/// Beyond all others.
const ALONE_FIRST: u64 = 1 << 40;

/// Loads as many sessions as there are, up to 100,000, in no order.
async fn read(store: &ShelfStore, Setting { sessions, cache_mib, .. }: Setting) {
    for n in 0..sessions.min(100_000) {
        let key = key(n.wrapping_mul(7_919) % sessions);
        assert!(store.load(&key, Timestamp::EPOCH).await.unwrap().is_some());
    }
    println!("{} MiB to read with a cache of {cache_mib}", memory_max() >> 10);
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

fn key(n: u64) -> Key {
    // Keys are random in life, so neighbours in number are none in the file.
    let mixed = (u128::from(n) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    Key::from_bytes(mixed.to_be_bytes())
}

async fn create(store: &ShelfStore, n: u64) {
    let [accessed_at, expires_at] = [n, n + 1_000_000_000].map(|at| Timestamp::from_millis(at.cast_signed()));
    let record = Record { data: n.to_le_bytes().repeat(128).into(), accessed_at, expires_at, owner: None };
    store.save(&key(n), &record, Expect::Absent, accessed_at).await.unwrap();
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
