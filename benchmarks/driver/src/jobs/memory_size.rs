//! A million sessions of 200 bytes: what they take, how long a sweep is, how long opening takes.

use super::turned::{Counts, Spec, Start, Turned};
use crate::stores::{self, Side};

const SESSIONS: usize = 1_000_000;

pub(super) fn jobs() -> Vec<Turned> {
    let mut jobs = vec![heap()];
    for (label, ours, peer, goal) in SWEPT {
        jobs.push(million(
            format!("million: sweep, none expired, {label}"),
            "sweep-none",
            *ours,
            *peer,
            *goal,
            Counts::PerSecond,
        ));
        jobs.push(million(
            format!("million: sweep, a tenth expired, {label}"),
            "sweep-tenth",
            *ours,
            *peer,
            None,
            Counts::PerSecond,
        ));
    }
    for (label, ours) in [("shelf", stores::SHELF), ("SQLite", stores::SQLITE), ("disk", stores::DISK)] {
        jobs.push(million(format!("million: open, {label}"), "open", ours, None, None, Counts::Seconds));
    }
    jobs
}

/// Who is swept. tower-sessions' MemoryStore cannot be: it keeps what has expired.
const SWEPT: &[(&str, Side, Option<Side>, Option<f64>)] = &[
    ("memory", stores::MEMORY, Some(stores::ASYNC_MEMORY), None),
    ("SQLite", stores::SQLITE, Some(stores::TOWER_SQLITE), Some(50.0)),
    ("PostgreSQL", stores::POSTGRES, Some(stores::TOWER_POSTGRES), Some(50.0)),
    ("shelf", stores::SHELF_PROCESS, None, None),
    ("disk", stores::DISK_PROCESS, None, None),
];

fn heap() -> Turned {
    let start = |side| Start { side, kind: vec!["heap"], more: vec![SESSIONS.to_string(), "200".into()] };
    let spec = Spec {
        name: "million: heap for each session of 200 B".into(),
        goal: Some(350.0),
        work: "fill".into(),
        time: None,
        counts: Counts::BytesOf(SESSIONS),
    };
    Turned { ours: start(stores::OUR_HEAP), peer: Some(start(stores::THEIR_HEAP)), specs: vec![spec] }
}

fn million(
    name: String,
    work: &'static str,
    ours: Side,
    peer: Option<Side>,
    goal: Option<f64>,
    counts: Counts,
) -> Turned {
    let start = |side| Start { side, kind: vec!["million", work], more: Vec::new() };
    let spec = Spec { name, goal, work: "once".into(), time: None, counts };
    Turned { ours: start(ours), peer: peer.map(start), specs: vec![spec] }
}
