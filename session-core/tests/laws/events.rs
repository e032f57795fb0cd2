//! What is told of a session's life, and what is not.

#[cfg(feature = "metrics")]
mod figures;

use std::{
    fmt::{Debug, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use session_core::{Config, Error, Key, Sessions};
use store_memory::{MemoryOptions, MemoryStore};
use tracing::{
    Dispatch, Event, Metadata, Subscriber,
    dispatcher::with_default,
    field::{Field, Visit},
    span,
};

use crate::support::{Fault, Lab, add_one, commit, finish};

/// Lives through every event, and returns what none of them may show.
fn live() -> Vec<String> {
    let lab = Lab::with(Config { ignore_change_ip: false, ..Config::default() });
    let at = |cookie: &str, last: u8| {
        pollster::block_on(lab.sessions.open(&[cookie], Some([192, 0, 2, last].into()))).unwrap()
    };
    let new = |owner: Option<&str>| {
        let session = at("", 1);
        session.insert("pin", "hunter2").unwrap();
        owner.map_or(Ok(()), |owner| session.login(owner)).unwrap();
        finish(&session)
    };
    // Created, rotated, late, an address, a login, a replaced ticket twice.
    let first = new(None);
    let session = at(&first, 1);
    session.rotate();
    let second = finish(&session);
    let _late = at(&first, 1);
    let _elsewhere = (at(&second, 2), at(&second, 2));
    let session = at(&second, 1);
    session.login("Lovelace").unwrap();
    let third = finish(&session);
    let _replaced = (at(&second, 1), at(&second, 1));
    // Conflicts, a failed save, a failed touch, a handle with changes.
    let session = at(&third, 1);
    add_one(&session);
    lab.store.script([Fault::Conflict, Fault::Conflict]);
    commit(&session).unwrap();
    add_one(&session);
    lab.store.script([Fault::NotApplied]);
    commit(&session).unwrap_err();
    drop(session);
    lab.advance(Duration::from_secs(3_600));
    lab.store.fail_touches(1);
    commit(&at(&third, 1)).unwrap();
    // Wrong, malformed, ambiguous; killed, gone, revoked, swept, damaged.
    let mut guess = third[..third.len() - 8].to_owned();
    guess.push_str("AAAAAAAA");
    let _wrong = at(&guess, 1);
    let _malformed = at("__Host-id=forgery", 1);
    let fourth = new(Some("Lovelace"));
    let both = format!("{third}; {fourth}");
    let _ambiguous = (at(&both, 1), at(&both, 1));
    assert!([(); 2].map(|()| at(&third, 1).verify_csrf_token("forgery")) == [false; 2]);
    let session = at(&fourth, 1);
    session.kill();
    pollster::block_on(session.finish()).unwrap();
    let _gone = at(&fourth, 1);
    let [key]: [Key; 1] = lab.store.keys().try_into().unwrap();
    assert!(pollster::block_on(lab.sessions.revoke("Lovelace", &key)).unwrap());
    let _dead = new(None);
    lab.advance(Duration::from_secs(365 * 24 * 3_600));
    assert_eq!(pollster::block_on(lab.sessions.sweep()).unwrap(), 1);
    let fifth = new(None);
    lab.store.damage();
    let _damaged = at(&fifth, 1);
    let evicting = evict();
    start_in_vain();
    let tickets = [first, second, third, fourth, fifth, guess];
    // The last characters of a ticket belong to its secret.
    let secrets = tickets.iter().chain(&evicting).map(|ticket| ticket[ticket.len() - 20..].to_owned());
    secrets.chain(["hunter2", "Lovelace", "forgery"].map(Into::into)).collect()
}

/// Lets a session make room for another one, and returns the tickets of both.
fn evict() -> [String; 2] {
    let small = MemoryStore::with_options(MemoryOptions::default().max_sessions(1));
    let small = Sessions::new(small, Config::default()).unwrap();
    [(); 2].map(|()| {
        let session = pollster::block_on(small.open(&[""], None)).unwrap();
        session.insert("pin", "hunter2").unwrap();
        finish(&session)
    })
}

/// Begins a session anew where its initializer fails.
fn start_in_vain() {
    let broken = Arc::new(AtomicBool::new(false));
    let fails = broken.clone();
    let fragile = Sessions::new(MemoryStore::new(), Config::default())
        .unwrap()
        .initializer(move |_| if fails.load(Ordering::Relaxed) { Err(Error::Missing) } else { Ok(()) });
    let session = pollster::block_on(fragile.open(&[""], None)).unwrap();
    broken.store(true, Ordering::Relaxed);
    session.kill();
}

/// Every event of `live`: its level, its name, and whether it has a key.
const EVENTS: &[(&str, &str, bool)] = &[
    ("DEBUG", "created", true),
    ("DEBUG", "rotated", true),
    ("DEBUG", "late", true),
    ("WARN", "address_mismatch", true),
    ("DEBUG", "address_mismatch", true),
    ("DEBUG", "login", true),
    ("WARN", "replaced", true),
    ("DEBUG", "replaced", true),
    ("DEBUG", "conflict", true),
    ("DEBUG", "replayed", true),
    ("DEBUG", "store_failed", true),
    ("WARN", "uncommitted", true),
    ("WARN", "unnoted", true),
    ("DEBUG", "wrong_secret", true),
    ("DEBUG", "malformed", false),
    ("WARN", "ambiguous", true),
    ("DEBUG", "ambiguous", true),
    ("WARN", "forged", true),
    ("DEBUG", "forged", true),
    ("DEBUG", "killed", true),
    ("DEBUG", "gone", true),
    ("DEBUG", "revoked", true),
    ("DEBUG", "swept", false),
    ("DEBUG", "evicted", true),
    ("ERROR", "corrupt", true),
    ("ERROR", "uninitialized", false),
];

#[test]
fn every_event_is_told_with_its_key_and_shows_no_ticket_owner_or_value() {
    let log = Log::default();
    // With one dispatcher alone, a callsite that the thread of another test meets first is asked of that thread's, and
    // stays off for all.
    let dispatches = [Dispatch::new(log.clone()), Dispatch::new(log.clone())];
    let secrets = with_default(&dispatches[0], live);
    let lines = log.0.lock().unwrap();
    for (level, name, has_key) in EVENTS {
        let start = format!("{level} event=\"{name}\" ");
        let found: Vec<_> = lines.iter().filter(|line| line.contains(&start)).collect();
        assert!(!found.is_empty(), "{start} is not in {lines:#?}");
        for line in found {
            assert_eq!(line.contains(" key="), *has_key, "{line}");
        }
    }
    let ambiguous = lines.iter().filter(|line| line.contains("\"ambiguous\""));
    assert!(ambiguous.clone().all(|line| line.contains(" other=")), "{lines:#?}");
    // What a visitor does again and again is one warning for each session.
    for name in ["address_mismatch", "replaced", "ambiguous", "forged"] {
        let warning = format!("WARN event=\"{name}\" ");
        assert_eq!(lines.iter().filter(|line| line.contains(&warning)).count(), 1, "{lines:#?}");
    }
    assert_eq!(lines.iter().filter(|line| line.contains("\"conflict\"")).count(), 2, "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("replays=2")), "{lines:#?}");
    for secret in secrets {
        assert!(!lines.iter().any(|line| line.contains(&secret)), "{secret} is in {lines:#?}");
    }
}

#[test]
fn a_form_of_a_visitor_without_a_session_is_no_warning() {
    let log = Log::default();
    let dispatches = [Dispatch::new(log.clone()), Dispatch::new(log.clone())];
    with_default(&dispatches[0], || {
        let lab = Lab::new();
        assert!(!lab.open("").verify_csrf_token("forgery"));
    });
    let lines = log.0.lock().unwrap();
    let [line] = &lines[..] else { panic!("{lines:#?}") };
    assert!(line.starts_with("DEBUG event=\"forged\" ") && !line.contains(" key="), "{line}");
}

#[test]
fn every_event_has_its_row_in_the_docs() {
    for (level, name, _) in EVENTS {
        let row = PAGE.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let level = level.to_lowercase();
        assert!(row.is_some_and(|row| row.contains(&level)), "`{name}`, {level}");
    }
    let (table, _) = PAGE.split_once("Those of `session-tower`").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    for row in rows {
        assert!(EVENTS.iter().any(|(_, name, _)| *name == row), "nothing tells `{row}`");
    }
}

const PAGE: &str = include_str!("../../../docs/observability.md");

/// Collects what is logged, a line for each event.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("session_core")
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(format!("{} ", event.metadata().level()));
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // The name comes first, whatever the order of the fields.
        match field.name() {
            "event" => self.0 = self.0.replacen(' ', &format!(" event={value:?} "), 1),
            name => write!(self.0, "{name}={value:?} ").unwrap(),
        }
    }
}
