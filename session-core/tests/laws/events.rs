//! What is told of a session's life, and what is not.

use std::{
    fmt::{Debug, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use session_core::{Config, Key, Sessions};
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
    let _elsewhere = at(&second, 2);
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
    let _ambiguous = at(&format!("{third}; {fourth}"), 1);
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
    let small = MemoryStore::with_options(MemoryOptions::default().max_sessions(1));
    let small = Sessions::new(small, Config::default()).unwrap();
    let evicting = [(); 2].map(|()| {
        let session = pollster::block_on(small.open(&[""], None)).unwrap();
        session.insert("pin", "hunter2").unwrap();
        finish(&session)
    });
    let tickets = [first, second, third, fourth, fifth, guess];
    // The last characters of a ticket belong to its secret.
    let secrets = tickets.iter().chain(&evicting).map(|ticket| ticket[ticket.len() - 20..].to_owned());
    secrets.chain(["hunter2", "Lovelace", "forgery"].map(Into::into)).collect()
}

/// Every event of `live`: its level, its name, and whether it has a key.
const EVENTS: &[(&str, &str, bool)] = &[
    ("DEBUG", "created", true),
    ("DEBUG", "rotated", true),
    ("DEBUG", "late", true),
    ("WARN", "address_mismatch", true),
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
    ("WARN", "ambiguous", false),
    ("DEBUG", "killed", true),
    ("DEBUG", "gone", true),
    ("DEBUG", "revoked", true),
    ("DEBUG", "swept", false),
    ("DEBUG", "evicted", true),
    ("ERROR", "corrupt", true),
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
    assert_eq!(lines.iter().filter(|line| line.contains("\"conflict\"")).count(), 2, "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("replays=2")), "{lines:#?}");
    for secret in secrets {
        assert!(!lines.iter().any(|line| line.contains(&secret)), "{secret} is in {lines:#?}");
    }
}

#[test]
fn every_event_has_its_row_in_the_docs() {
    for (level, name, _) in EVENTS {
        let row = PAGE.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let level = level.to_lowercase();
        assert!(row.is_some_and(|row| row.contains(&level)), "`{name}`, {level}");
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

#[cfg(feature = "metrics")]
mod figures {
    use std::{collections::BTreeMap, sync::PoisonError};

    use metrics::{
        Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString,
        Unit,
    };

    use super::*;

    /// What was counted and measured, by name and labels: how often, and the sum.
    #[derive(Clone, Default)]
    struct Figures(Arc<Mutex<BTreeMap<String, (u64, f64)>>>);

    struct Figure(Figures, String);

    impl Figures {
        fn figure(&self, key: &Key) -> Arc<Figure> {
            let labels = key.labels().map(|label| format!(" {}={}", label.key(), label.value()));
            Arc::new(Figure(self.clone(), key.name().to_owned() + &labels.collect::<String>()))
        }
    }

    impl Figure {
        fn add(&self, value: f64) {
            let mut figures = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
            let figure = figures.entry(self.1.clone()).or_default();
            *figure = (figure.0 + 1, figure.1 + value);
        }
    }

    impl CounterFn for Figure {
        fn increment(&self, value: u64) {
            self.add(f64::from(u32::try_from(value).unwrap()));
        }

        fn absolute(&self, _: u64) {
            panic!("nothing is counted elsewhere");
        }
    }

    impl HistogramFn for Figure {
        fn record(&self, value: f64) {
            self.add(value);
        }
    }

    impl Recorder for Figures {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(self.figure(key))
        }

        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::noop()
        }

        fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::from_arc(self.figure(key))
        }
    }

    #[test]
    fn every_event_is_counted_and_calls_of_the_store_are_measured() {
        let figures = Figures::default();
        let secrets = metrics::with_local_recorder(&figures, live);
        let figures = figures.0.lock().unwrap();
        for (name, sum) in [
            ("sessions_created_total", 6.0),
            ("session_rotations_total", 1.0),
            ("session_logins_total", 2.0),
            ("sessions_ended_total how=kill", 1.0),
            ("sessions_ended_total how=revoke", 1.0),
            ("sessions_ended_total how=expiry", 1.0),
            ("sessions_ended_total how=eviction", 1.0),
            ("session_tickets_total found=late", 1.0),
            ("session_tickets_total found=replaced", 2.0),
            ("session_tickets_total found=wrong_secret", 1.0),
            ("session_tickets_total found=gone", 1.0),
            ("session_tickets_total found=malformed", 1.0),
            ("session_tickets_total found=address_mismatch", 1.0),
            ("session_tickets_total found=corrupt", 1.0),
            ("session_ambiguous_total", 1.0),
            ("session_conflicts_total", 2.0),
            ("session_commit_replays", 2.0),
            ("session_failures_total verb=save", 1.0),
            ("session_failures_total verb=touch", 1.0),
            ("sessions_unnoted_total", 1.0),
            ("sessions_uncommitted_total", 1.0),
        ] {
            assert_eq!(figures.get(name).map(|figure| figure.1), Some(sum), "{name} in {figures:#?}");
        }
        for (name, count) in [
            ("session_store_seconds verb=save outcome=conflict", 2),
            ("session_store_seconds verb=save outcome=failed", 1),
            ("session_store_seconds verb=touch outcome=failed", 1),
            ("session_store_seconds verb=delete outcome=ok", 2),
            ("session_store_seconds verb=delete_expired outcome=ok", 1),
        ] {
            assert_eq!(figures.get(name).map(|figure| figure.0), Some(count), "{name} in {figures:#?}");
        }
        for name in figures.keys() {
            assert!(!secrets.iter().any(|secret| name.contains(secret)), "{name}");
            let name = name.split(' ').next().unwrap();
            assert!(PAGE.contains(&format!("| `{name}` |")), "{name} has no row");
        }
    }
}
