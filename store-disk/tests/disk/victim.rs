//! A process of its own that can be traced, stopped and killed: this test binary once more.

use std::{
    env,
    fs::OpenOptions,
    io::{BufRead, BufReader, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use session_core::{Error, Expect, Store};
use store_disk::{DiskOptions, DiskStore, Durability};

use crate::common::{at, create, data, key, quick, record};

const ME: &str = "victim::is_this_binary_run_once_more";
const JOB: &str = "STORE_DISK_VICTIM_JOB";
const MARK: &str = ">>> ";
const ROOT: &str = "STORE_DISK_VICTIM_ROOT";

/// Returns the command that does `job` on the folder `root`.
pub(crate) fn victim(job: &str, root: &Path) -> Command {
    finish(Command::new(env::current_exe().unwrap()), job, root)
}

/// Returns the command that does `job` under strace, or says why it cannot.
pub(crate) fn traced(arguments: &[&str], job: &str, root: &Path) -> Option<Command> {
    if Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_err() {
        not_run("strace is not installed");
        return None;
    }
    let mut strace = Command::new("strace");
    strace.args(["-f", "-q"]).args(arguments);
    Some(run_by(strace, job, root))
}

/// Returns the command that does `job` when it is the last argument of another.
pub(crate) fn run_by(mut command: Command, job: &str, root: &Path) -> Command {
    command.arg(env::current_exe().unwrap());
    finish(command, job, root)
}

fn finish(mut command: Command, job: &str, root: &Path) -> Command {
    command.args(["--exact", ME, "--nocapture", "--test-threads=1"]);
    command.env(JOB, job).env(ROOT, root).stdout(Stdio::piped()).stderr(Stdio::null());
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
    let (Ok(job), Some(root)) = (env::var(JOB), env::var_os(ROOT)) else { return };
    let root = PathBuf::from(root);
    match job.as_str() {
        "increment" => increment(&DiskStore::open(root).unwrap()).await,
        "count" => count(&DiskStore::open_with(root, quick()).unwrap()).await,
        "write" => write(&DiskStore::open(root).unwrap()).await,
        "write carelessly" => write(&DiskStore::open_with(root, quick()).unwrap()).await,
        "save" => save(&DiskStore::open(root).unwrap()).await,
        "save many" => save_many(&DiskStore::open(root).unwrap()).await,
        "delete" => DiskStore::open(root).unwrap().delete(&key(1)).await.unwrap(),
        "denied" => denied(&root).await,
        "create" => drop(create(&DiskStore::open(root).unwrap(), &key(1), "x").await),
        _ => panic!("there is no such job"),
    }
}

#[expect(clippy::print_stdout, reason = "this is how a victim speaks")]
fn say(text: &str) {
    println!("{MARK}{text}");
    std::io::stdout().flush().unwrap();
}

/// Adds one 256 times, each time trying again until nobody else was faster.
async fn increment(store: &DiskStore) {
    for _ in 0..256 {
        loop {
            let stored = store.load(&key(1), at(0)).await.unwrap().unwrap();
            let count: u32 = str::from_utf8(&stored.record.data).unwrap().parse().unwrap();
            let next = record(&(count + 1).to_string());
            match store.save(&key(1), &next, Expect::Revision(stored.revision), at(0)).await {
                Ok(_) => break,
                Err(Error::Conflict) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
    say("done");
}

/// Counts up for ever, and says each number once it is kept.
async fn count(store: &DiskStore) {
    let mut revision = store.load(&key(1), at(0)).await.unwrap().unwrap().revision;
    let mut count: u64 = data(store, &key(1)).await.unwrap().parse().unwrap();
    loop {
        count += 1;
        let next = record(&count.to_string());
        revision = store.save(&key(1), &next, Expect::Revision(revision), at(0)).await.unwrap();
        say(&count.to_string());
    }
}

/// Writes in every way there is; that a call was answered shows in the trace as a look at a path.
async fn write(store: &DiskStore) {
    let answered = |what: &str| drop(std::fs::metadata(format!("/answered/{what}")));
    let revision = create(store, &key(1), "one").await;
    answered("create");
    let revision = store.save(&key(1), &record("two"), Expect::Revision(revision), at(0)).await.unwrap();
    answered("save");
    store.touch(&key(1), revision, at(1), at(2_000), at(0)).await.unwrap();
    answered("touch");
    store.delete(&key(1)).await.unwrap();
    answered("delete");
    let saves: Vec<_> = (0..64)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { create(&store, &key(n), "x").await })
        })
        .collect();
    for save in saves {
        save.await.unwrap();
    }
    answered("many");
}

/// Saves over what is there, and says how that was answered.
async fn save(store: &DiskStore) {
    say(&format!("pid {}", std::process::id()));
    let revision = store.load(&key(1), at(0)).await.unwrap().unwrap().revision;
    say(&answer(store.save(&key(1), &record("new"), Expect::Revision(revision), at(0)).await));
}

/// Creates eight sessions at once, and says how each was answered.
async fn save_many(store: &DiskStore) {
    let saves: Vec<_> = (10..26)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { store.save(&key(n), &record("new"), Expect::Absent, at(0)).await })
        })
        .collect();
    for save in saves {
        say(&answer(save.await.unwrap()));
    }
}

/// Takes the permission to write from itself.
async fn denied(root: &Path) {
    let store = DiskStore::open(root).unwrap();
    let revision = create(&store, &key(1), "old").await;
    let folder = root.join("01");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o500)).unwrap();
    say(&answer(store.save(&key(1), &record("new"), Expect::Revision(revision), at(0)).await));
    say(&answer(store.touch(&key(1), revision, at(0), at(0), at(0)).await));
    say(&answer(store.delete(&key(1)).await));
    say(&data(&store, &key(1)).await.unwrap());
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o000)).unwrap();
    say(&answer(store.load(&key(1), at(0)).await));
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    say(&answer(store.save(&key(1), &record("new"), Expect::Revision(revision), at(0)).await));
    let options = DiskOptions::default().durability(Durability::Process);
    say(&answer(DiskStore::open_with("/root", options)));
}

fn answer<T>(answer: Result<T, Error>) -> String {
    match answer {
        Ok(_) => "ok".to_owned(),
        Err(Error::Backend { outcome, action, source, .. }) => format!("{outcome:?}: {action}: {source}"),
        Err(error) => format!("{error:?}"),
    }
}
