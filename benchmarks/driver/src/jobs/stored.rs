//! Stores by themselves: each work, with so many tasks, on sessions of so many bytes.

use std::time::Duration;

use super::turned::{Counts, Spec, Start, Turned};
use crate::stores::{self, Place, Side};

/// Two stores that keep the same data in the same way.
struct Pair {
    /// What rows are called.
    label: &'static str,
    ours: Side,
    peer: Side,
    /// Returns what a row is to reach.
    goal: fn(&Case) -> Option<f64>,
    works: &'static [&'static str],
}

struct Case {
    work: &'static str,
    tasks: usize,
    bytes: usize,
}

const WORKS: &[&str] = &["create", "load", "save", "touch", "delete", "mix"];
const WRITES: &[&str] = &["create", "save", "touch", "delete"];
const TASKS: [usize; 4] = [1, 16, 64, 256];
const BYTES: [usize; 3] = [100, KIB, 8 * KIB];
const KIB: usize = 1_024;

const PAIRS: [Pair; 19] = [
    Pair {
        label: "memory",
        ours: stores::MEMORY,
        peer: stores::TOWER_MEMORY,
        goal: |case| at_64(case, &[("load", 10.0), ("save", 8.0)]),
        works: WORKS,
    },
    Pair {
        label: "memory, async-session",
        ours: stores::BY_TICKET,
        peer: stores::ASYNC_MEMORY,
        goal: |case| at_64(case, &[("load", 1.3), ("save", 1.2)]),
        works: WORKS,
    },
    Pair {
        label: "memory, moka",
        ours: stores::MEMORY,
        peer: stores::TOWER_MOKA,
        goal: |_| None,
        works: WORKS,
    },
    Pair {
        label: "disk",
        ours: stores::DISK,
        peer: stores::TOWER_FILES,
        goal: |case| at_64(case, &[("load", 1.3), ("save", 1.3)]),
        works: WORKS,
    },
    Pair {
        label: "shelf",
        ours: stores::SHELF,
        peer: stores::BARE_REDB,
        goal: |case| match (case.work, case.tasks, case.bytes) {
            ("save", 64, KIB) => Some(8.0),
            ("save", 256, KIB) => Some(12.0),
            _ => None,
        },
        works: WORKS,
    },
    Pair {
        label: "SQLite",
        ours: stores::SQLITE,
        peer: stores::TOWER_SQLITE,
        goal: |case| at_64(case, &[("load", 1.0), ("save", 4.0)]),
        works: WORKS,
    },
    Pair {
        label: "PostgreSQL",
        ours: stores::POSTGRES,
        peer: stores::TOWER_POSTGRES,
        goal: |case| match (case.work, case.tasks, case.bytes) {
            ("load" | "save", 1, KIB) => Some(1.0),
            _ => at_64(case, &[("load", 3.0), ("save", 1.5)]),
        },
        works: WORKS,
    },
    Pair {
        label: "MariaDB",
        ours: stores::MARIADB,
        peer: stores::TOWER_MYSQL,
        goal: |case| at_64(case, &[("load", 1.0), ("save", 1.0)]),
        works: WORKS,
    },
    limit("limit of the disk", stores::DISK, stores::BARE_FSYNC, &["save"]),
    limit("limit of the shelf", stores::SHELF, stores::BARE_FSYNC, &["save"]),
    limit("limit of SQLite", stores::SQLITE, stores::BARE_SQLITE, &["load", "save"]),
    limit("limit of PostgreSQL", stores::POSTGRES, stores::BARE_POSTGRES, &["load", "save"]),
    limit("price of the disk's durability", stores::DISK, stores::DISK_PROCESS, WRITES),
    limit("price of the shelf's durability", stores::SHELF, stores::SHELF_PROCESS, WRITES),
    limit("price of SQLite's durability", stores::SQLITE, stores::SQLITE_PROCESS, WRITES),
    limit("together, SQLite", stores::SQLITE, stores::SQLITE_ALONE, WRITES),
    limit("together, PostgreSQL", stores::POSTGRES, stores::POSTGRES_ALONE, &["load", "save", "touch"]),
    limit("together, MariaDB", stores::MARIADB, stores::MARIADB_ALONE, &["save", "touch"]),
    limit("price of a file for each session", stores::SHELF_VALUES, stores::DISK, WORKS),
];

/// Ours beside what it is built on, or beside ours: what is promised is not the same, so there is no goal.
const fn limit(label: &'static str, ours: Side, peer: Side, works: &'static [&'static str]) -> Pair {
    Pair { label, ours, peer, goal: |_| None, works }
}

fn at_64(case: &Case, goals: &[(&str, f64)]) -> Option<f64> {
    let goal = goals.iter().find(|(work, _)| *work == case.work);
    goal.filter(|_| case.tasks == 64 && case.bytes == KIB).map(|(_, goal)| *goal)
}

pub(super) fn jobs() -> Vec<Turned> {
    let of_bytes = |pair: &'static Pair| BYTES.iter().map(move |bytes| pair.job(*bytes));
    let growth = GROWING.iter().flat_map(|label| {
        let pair = PAIRS.iter().find(|pair| pair.label == *label);
        SESSIONS.iter().filter_map(move |sessions| Some(pair?.growth(*sessions)))
    });
    const { &PAIRS }.iter().flat_map(of_bytes).chain(growth).collect()
}

/// Of these it is shown how the cost grows with the number of sessions.
const GROWING: [&str; 4] = ["memory", "disk", "shelf", "SQLite"];
const SESSIONS: [usize; 3] = [1_000, 10_000, 100_000];

impl Pair {
    fn job(&self, bytes: usize) -> Turned {
        let cases = TASKS.iter().flat_map(|tasks| {
            let case = |work: &&'static str| Case { work, tasks: *tasks, bytes };
            self.works.iter().map(case).collect::<Vec<_>>()
        });
        let specs = cases.map(|case| self.spec(&case)).collect();
        self.turned(bytes, self.sessions(), specs)
    }

    /// Returns loads and saves of 1 KiB with 64 tasks, among so many sessions.
    fn growth(&self, sessions: usize) -> Turned {
        let spec = |work| {
            let spec = self.spec(&Case { work, tasks: 64, bytes: KIB });
            Spec { name: format!("{}, {sessions} sessions", spec.name), goal: None, ..spec }
        };
        self.turned(KIB, sessions, ["load", "save"].map(spec).into())
    }

    fn turned(&self, bytes: usize, sessions: usize, specs: Vec<Spec>) -> Turned {
        let more = vec![bytes.to_string(), sessions.to_string()];
        let start = |side| Start { side, kind: vec!["store"], more: more.clone() };
        Turned { ours: start(self.ours), peer: Some(start(self.peer)), specs }
    }

    fn spec(&self, case: &Case) -> Spec {
        let Case { work, tasks, bytes } = case;
        let size = if *bytes < KIB { format!("{bytes} B") } else { format!("{} KiB", bytes / KIB) };
        let plural = if *tasks == 1 { "" } else { "s" };
        Spec {
            name: format!("{}: {work} {size}, {tasks} task{plural}", self.label),
            goal: (self.goal)(case),
            work: format!("{work} {tasks}"),
            time: Some(if self.is_in_memory() {
                Duration::from_millis(150)
            } else {
                Duration::from_millis(400)
            }),
            counts: Counts::PerSecond,
        }
    }

    /// Returns how many sessions there are: few enough to be made in seconds, and for the caches of both.
    fn sessions(&self) -> usize {
        if self.is_in_memory() { 10_000 } else { 2_048 }
    }

    fn is_in_memory(&self) -> bool {
        self.ours.place == Place::Memory
    }
}
