//! The same, as figures.

use std::{collections::BTreeMap, sync::PoisonError};

use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
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
        ("session_tickets_total found=address_mismatch", 2.0),
        ("session_tickets_total found=corrupt", 1.0),
        ("session_ambiguous_total", 2.0),
        ("session_forged_total", 2.0),
        ("session_conflicts_total", 2.0),
        ("session_commit_replays", 2.0),
        ("session_failures_total verb=save", 1.0),
        ("session_failures_total verb=touch", 1.0),
        ("sessions_unnoted_total", 1.0),
        ("sessions_uncommitted_total", 1.0),
        ("sessions_uninitialized_total", 1.0),
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
    let (_, table) = PAGE.split_once("## Figures").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    for row in rows {
        assert!(figures.keys().any(|name| name.starts_with(row)), "nothing counts `{row}`: {figures:#?}");
    }
    for name in figures.keys() {
        assert!(!secrets.iter().any(|secret| name.contains(secret)), "{name}");
        let name = name.split(' ').next().unwrap();
        assert!(PAGE.contains(&format!("| `{name}` |")), "{name} has no row");
    }
}
