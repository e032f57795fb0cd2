//! The steps that a call takes on the file system.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    path::Path,
};

use crate::trace::{Event, Phase, Trace};

/// One step on the file system: a call of the system, and which of its kind in its thread, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Step {
    pub(crate) when: usize,
    pub(crate) call: String,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.call, self.when)
    }
}

/// Calls that change nothing in a folder. Before any other the process may be killed.
const LOOKS: [&str; 12] = [
    "read",
    "lseek",
    "close",
    "mmap",
    "fcntl",
    "statfs",
    "fstatfs",
    "fadvise64",
    "chdir",
    "getcwd",
    "inotify_add_watch",
    "execve",
];

/// Returns the steps in `folder` that may change something, each once, in their order.
pub(crate) fn steps(trace: &Trace, folder: &Path) -> Vec<Step> {
    let mut counts: HashMap<(u32, &str), usize> = HashMap::new();
    let (mut steps, mut seen) = (Vec::new(), BTreeSet::new());
    for event in trace.events.iter().filter(|event| event.phase == Phase::Begun) {
        let count = counts.entry((event.thread, &event.name)).or_default();
        *count += 1;
        let step = Step { when: *count, call: event.name.clone() };
        if changes(event, folder) && seen.insert(step.clone()) {
            steps.push(step);
        }
    }
    steps
}

/// Returns whether a call may change something in `folder`.
pub(crate) fn changes(event: &Event, folder: &Path) -> bool {
    let is_look = match event.name.as_str() {
        "open" | "openat" | "openat2" => {
            !["O_CREAT", "O_TRUNC", "O_TMPFILE"].iter().any(|flag| event.says(flag))
        }
        name => LOOKS.contains(&name),
    };
    let is_here = event.name == "sync" || event.name == "syncfs";
    !is_look && (is_here || event.places().chain(&event.paths()).any(|path| path.starts_with(folder)))
}
