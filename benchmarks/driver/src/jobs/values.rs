//! Sessions as an application uses them: one value read, one changed.

use std::time::Duration;

use super::turned::{Counts, Spec, Start, Turned};
use crate::stores::{self, Place, Side};

pub(super) fn jobs() -> Vec<Turned> {
    let handles = HANDLES.iter().map(|(label, ours, peer)| handles(label, *ours, *peer));
    decodes().into_iter().chain(handles).collect()
}

const BYTES: usize = 8_192;

/// Values from stored bytes.
///
/// tower-sessions decodes all values at once, so its second one is there already: what a second value costs beside that
/// is a row without a goal. So is what a session costs that is found by its cookie and whose ticket is checked, because
/// the peer's decoding has nothing of that.
fn decodes() -> [Turned; 5] {
    use stores::{OUR_CHECKSUM, OUR_FIRST, OUR_OPENED, OUR_SECOND, THEIR_FIRST, THEIR_SECOND};
    let start = |side| Start { side, kind: vec!["decode"], more: vec![BYTES.to_string()] };
    let job = |name: &str, goal, ours, peer| Turned {
        ours: start(ours),
        peer: Some(start(peer)),
        specs: vec![Spec {
            name: name.into(),
            goal,
            work: String::new(),
            time: Some(Duration::from_millis(150)),
            counts: Counts::PerSecond,
        }],
    };
    [
        job("values: one of 8 KiB from stored bytes", Some(5.0), OUR_FIRST, THEIR_FIRST),
        job("values: limit, the checksum of 8 KiB alone", None, OUR_CHECKSUM, THEIR_FIRST),
        job("values: one of 8 KiB from a cookie, against decoding", None, OUR_OPENED, THEIR_FIRST),
        job("values: the second of 8 KiB, against decoding", Some(15.0), OUR_SECOND, THEIR_FIRST),
        job("values: the second of 8 KiB, against a map", None, OUR_SECOND, THEIR_SECOND),
    ]
}

const HANDLES: [(&str, Side, Side); 5] = [
    ("memory", stores::MEMORY, stores::TOWER_MEMORY),
    ("memory, async-session", stores::MEMORY, stores::ASYNC_MEMORY),
    ("disk", stores::DISK, stores::TOWER_FILES),
    ("SQLite", stores::SQLITE, stores::TOWER_SQLITE),
    ("PostgreSQL", stores::POSTGRES, stores::TOWER_POSTGRES),
];

/// From the cookie to one value, and to a change that is kept.
fn handles(label: &str, ours: Side, peer: Side) -> Turned {
    let sessions: usize = if ours.place == Place::Memory { 10_000 } else { 512 };
    let start = |side| Start { side, kind: vec!["handle"], more: vec!["1024".into(), sessions.to_string()] };
    let spec = |work: &str, does: &str, tasks: usize| Spec {
        name: format!("{label}: open and {does}, 1 KiB, {tasks} task{}", if tasks == 1 { "" } else { "s" }),
        goal: None,
        work: format!("{work} {tasks}"),
        time: Some(Duration::from_millis(400)),
        counts: Counts::PerSecond,
    };
    let specs = [1, 64].iter().flat_map(|tasks| {
        [spec("read", "read one value", *tasks), spec("commit", "commit one change", *tasks)]
    });
    Turned { ours: start(ours), peer: Some(start(peer)), specs: specs.collect() }
}
