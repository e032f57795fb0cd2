//! What survives the loss of power is shown by the order of system calls, and by what a failing medium is answered.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use session_core::Store;

use crate::{
    common::{Place, at, create, data, key},
    victim::{AtWork, traced},
};

const CALLS: &str = "trace=openat,fsync,fdatasync,syncfs,rename,renameat,renameat2,unlinkat,mkdirat,statx";

/// What a trace has shown so far.
#[derive(Default)]
struct Judge {
    staged: BTreeSet<String>,
    synced: BTreeSet<String>,
    unsynced_folders: BTreeSet<String>,
    answered: Vec<String>,
    faults: Vec<String>,
}

impl Judge {
    fn of(trace: &str) -> Self {
        let mut judge = Self::default();
        let mut begun = BTreeMap::new();
        for line in trace.lines() {
            let (pid, call) = line.split_once(char::is_whitespace).unwrap();
            let call = call.trim_start();
            if let Some(start) = call.strip_suffix(" <unfinished ...>") {
                begun.insert(pid, start);
            } else if let Some((_, end)) = call.split_once(" resumed>") {
                judge.see(&format!("{}{end}", begun.remove(pid).unwrap()));
            } else {
                judge.see(call);
            }
        }
        judge
    }

    /// Takes note of a call that has ended.
    fn see(&mut self, text: &str) {
        let Some(Call { name, folder, path }) = Call::parse(text) else { return };
        match name {
            "openat" if text.contains("O_EXCL") => self.staged.extend([path]),
            "fsync" => {
                self.synced.insert(folder.clone());
                self.unsynced_folders.remove(&folder);
            }
            "syncfs" => {
                self.synced.append(&mut self.staged);
                self.unsynced_folders.clear();
            }
            "rename" | "renameat" | "renameat2" => {
                if !self.synced.contains(&path) {
                    self.faults.push(format!("renamed before it was synced: {text}"));
                }
                self.unsynced_folders.insert(folder);
            }
            "unlinkat" | "mkdirat" => self.unsynced_folders.extend([folder]),
            "statx" => self.answered(path.trim_start_matches('/')),
            _ => {}
        }
    }

    fn answered(&mut self, path: &str) {
        let Some(what) = path.strip_prefix("answered/") else { return };
        if !self.unsynced_folders.is_empty() {
            let folders = &self.unsynced_folders;
            self.faults.push(format!("{what} was answered before these were synced: {folders:?}"));
        }
        self.answered.push(what.to_owned());
    }
}

/// A line such as `fsync(5</a/folder>) = 0` or `unlinkat(4</a/folder>, "name", 0) = 0`.
struct Call<'a> {
    name: &'a str,
    folder: String,
    path: String,
}

impl<'a> Call<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (name, rest) = text.split_once('(')?;
        let open =
            rest.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(path, _)| path);
        let file = rest.split('"').nth(1).unwrap_or_default();
        let path = Path::new(open).join(file);
        // A path that is not relative to the open folder is in another one.
        let folder = if file.starts_with('/') { path.parent()? } else { Path::new(open) };
        Some(Self { name, folder: folder.to_str()?.to_owned(), path: path.to_str()?.to_owned() })
    }
}

/// Returns the trace of a job, unless there is no strace.
fn trace(job: &str, root: &Path) -> Option<String> {
    let output = root.with_file_name("trace");
    let mut command = traced(&["-y", "-e", CALLS, "-o", output.to_str().unwrap()], job, root)?;
    assert!(command.status().unwrap().success());
    Some(fs::read_to_string(output).unwrap())
}

#[test]
fn files_are_synced_then_renamed_and_folders_synced_before_each_answer() {
    let place = Place::new();
    let Some(trace) = trace("write", &place.root()) else { return };
    let judge = Judge::of(&trace);
    assert_eq!(judge.faults, [""; 0]);
    assert_eq!(judge.answered, ["create", "save", "touch", "delete", "many"]);
    assert!(trace.contains("syncfs("), "the many shared nothing");
    assert!(trace.contains("renameat"), "nothing was renamed");
}

#[test]
fn the_judge_of_traces_sees_what_a_store_leaves_out() {
    let place = Place::new();
    let Some(trace) = trace("write carelessly", &place.root()) else { return };
    let faults = Judge::of(&trace).faults.join("\n");
    assert!(faults.contains("renamed before it was synced"), "{faults}");
    assert!(faults.contains("save was answered before"), "{faults}");
    assert!(faults.contains("delete was answered before"), "{faults}");
}

/// Lets the medium fail at a call, and returns how the `job` was answered.
fn fail(job: &str, fault: &str, place: &Place) -> Option<Vec<String>> {
    fail_with(&["-e", &format!("inject={fault}")], job, place)
}

fn fail_with(arguments: &[&str], job: &str, place: &Place) -> Option<Vec<String>> {
    let mut command = traced(&[&["-o", "/dev/null"], arguments].concat(), job, &place.root())?;
    let mut answers = AtWork::start(&mut command).rest();
    answers.retain(|line| !line.starts_with("pid"));
    Some(answers)
}

#[tokio::test]
async fn what_fails_before_the_rename_is_not_applied_and_leaves_nothing() {
    for fault in [
        "fsync:error=EIO:when=1",
        "renameat:error=EIO:when=1",
        "fchmod:error=EIO:when=1",
        "utimensat:error=EIO:when=1",
        "flock:error=EIO:when=1",
    ] {
        let place = Place::new();
        let store = place.open();
        create(&store, &key(1), "old").await;
        let Some(answers) = fail("save", fault, &place) else { return };
        assert!(answers[0].starts_with("NotApplied"), "{fault}: {answers:?}");
        assert_eq!(data(&store, &key(1)).await.as_deref(), Some("old"), "{fault}");
        assert_eq!(place.names(&key(1)).len(), 1, "{fault}");
    }
}

#[tokio::test]
async fn a_full_medium_is_full_wherever_it_shows() {
    for fault in
        ["fsync:error=ENOSPC:when=1", "renameat:error=EDQUOT:when=1", "utimensat:error=ENOSPC:when=1"]
    {
        let place = Place::new();
        let store = place.open();
        create(&store, &key(1), "old").await;
        let Some(answers) = fail("save", fault, &place) else { return };
        assert_eq!(answers, ["Full"], "{fault}");
        assert_eq!(data(&store, &key(1)).await.as_deref(), Some("old"), "{fault}");
        assert_eq!(place.names(&key(1)).len(), 1, "{fault}");
    }
}

#[tokio::test]
async fn what_fails_after_the_rename_is_unknown() {
    let place = Place::new();
    let store = place.open();
    create(&store, &key(1), "old").await;
    let folder = place.file(&key(1)).with_file_name("");
    let folder = folder.to_str().unwrap().trim_end_matches('/');
    let Some(answers) = fail_with(&["-P", folder, "-e", "inject=fsync:error=EIO"], "save", &place) else {
        return;
    };
    assert!(answers[0].starts_with("Unknown"), "{answers:?}");
    assert_eq!(data(&store, &key(1)).await.as_deref(), Some("new"));
}

#[tokio::test]
async fn a_shared_sync_that_fails_fails_all_who_share_it() {
    for (when, outcome, there) in [(1, "NotApplied", false), (2, "Unknown", true)] {
        let place = Place::new();
        let store = place.open();
        for n in 10..26 {
            create(&store, &key(n), "x").await;
            store.delete(&key(n)).await.unwrap();
        }
        let Some(answers) = fail("save many", &format!("syncfs:error=EIO:when={when}"), &place) else {
            return;
        };
        let failed = answers.iter().filter(|answer| answer.starts_with(outcome)).count();
        assert!(failed >= 4, "{answers:?}");
        assert!(answers.iter().all(|answer| answer == "ok" || answer.starts_with(outcome)), "{answers:?}");
        for (n, answer) in (10..26).zip(answers) {
            let found = store.load(&key(n), at(0)).await.unwrap();
            assert_eq!(found.is_some(), there || answer == "ok");
            assert_eq!(place.names(&key(n)).len(), usize::from(found.is_some()));
        }
    }
}
