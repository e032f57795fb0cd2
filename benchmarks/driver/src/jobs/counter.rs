//! The counter application under load.

use std::time::Duration;

use crate::{
    Result,
    bench::{Bench, ROUNDS},
    load::{Load, Loaded},
    results::{Row, Unit},
    stores::{self, Side},
    turns::Turns,
};

/// Two servers of the counter, under the same load in turn.
pub(crate) struct Counter {
    pub(crate) ours: Side,
    pub(crate) peer: Side,
    load: Load,
    pub(crate) specs: Vec<Spec>,
}

/// A row: one of the figures that come of a round of load.
pub(crate) struct Spec {
    pub(crate) name: String,
    pub(crate) goal: Option<f64>,
    figure: Figure,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Figure {
    Requests,
    Median,
    Late,
    Cpu,
}

const TIME: Duration = Duration::from_millis(500);

pub(super) fn jobs() -> Vec<Counter> {
    let mut jobs = Vec::new();
    for (cookies, cpu, requests) in [(1_000, Some(1.15), Some(1.2)), (1, None, None)] {
        for awaits in [false, true] {
            let goals = |figure, goal: Option<f64>| move |asked| goal.filter(|_| figure == asked && !awaits);
            let load = Load { connections: 64, cookies, awaits };
            jobs.push(job(
                "memory, axum alone",
                stores::MEMORY,
                stores::BARE_AXUM,
                &load,
                goals(Figure::Cpu, cpu),
            ));
            jobs.push(job("limit in memory", stores::BARE_COUNTED, stores::BARE_AXUM, &load, |_| None));
            let requests = goals(Figure::Requests, requests);
            jobs.push(job("memory", stores::MEMORY, stores::TOWER_MEMORY, &load, requests));
        }
    }
    for (label, ours, peer) in DURABLE {
        for (cookies, awaits) in [(1, false), (1_000, false), (1, true), (1_000, true)] {
            let load = Load { connections: 64, cookies, awaits };
            let goal = |figure| Some(1.0).filter(|_| figure == Figure::Requests && cookies == 1 && !awaits);
            jobs.push(job(label, ours, peer, &load, goal));
        }
    }
    jobs
}

const DURABLE: [(&str, Side, Side); 4] = [
    ("disk", stores::DISK, stores::TOWER_FILES),
    ("SQLite", stores::SQLITE, stores::TOWER_SQLITE),
    ("PostgreSQL", stores::POSTGRES, stores::TOWER_POSTGRES),
    ("MariaDB", stores::MARIADB, stores::TOWER_MYSQL),
];

fn job(label: &str, ours: Side, peer: Side, load: &Load, goal: impl Fn(Figure) -> Option<f64>) -> Counter {
    let Load { connections, cookies, awaits } = load;
    let cookies = if *cookies == 1 { "one cookie".to_owned() } else { format!("{cookies} cookies") };
    let awaits = if *awaits { ", 2 ms awaited" } else { "" };
    let figures = [
        (Figure::Requests, "requests"),
        (Figure::Median, "p50"),
        (Figure::Late, "p99"),
        (Figure::Cpu, "CPU time for a request"),
    ];
    let specs = figures.into_iter().map(|(figure, title)| Spec {
        name: format!("counter, {label}: {title}, {cookies}, {connections} connections{awaits}"),
        goal: goal(figure),
        figure,
    });
    Counter { ours, peer, load: *load, specs: specs.collect() }
}

impl Counter {
    pub(super) async fn run(&self, bench: &Bench) -> Result<Vec<Row>> {
        let (ours, peer) =
            (bench.start(&self.ours, &["serve"], &[])?, bench.start(&self.peer, &["serve"], &[])?);
        self.specs.iter().for_each(|spec| bench.shows(&spec.name));
        let time = bench.time(TIME);
        let (mut by_ours, mut by_peer) = (Vec::new(), Vec::new());
        for _ in 0..=ROUNDS {
            by_ours.push(self.load.put_on(&ours.process, time).await?);
            by_peer.push(self.load.put_on(&peer.process, time).await?);
        }
        Ok(self.specs.iter().map(|spec| self.row(spec, &by_ours, &by_peer, bench)).collect())
    }

    fn row(&self, spec: &Spec, ours: &[Loaded], peer: &[Loaded], bench: &Bench) -> Row {
        bench.has_measured();
        // The first round warmed up.
        let values = |loads: &[Loaded]| loads.iter().skip(1).map(|load| spec.figure.of(load)).collect();
        let turns = Turns { ours: values(ours), peer: values(peer) };
        Row::of(&spec.name, (self.ours.title, self.peer.title), spec.figure.unit(), &turns, spec.goal)
    }
}

impl Figure {
    fn of(self, load: &Loaded) -> f64 {
        match self {
            Self::Requests => load.requests as f64 / load.time.as_secs_f64(),
            Self::Median => load.latency(0.5).as_secs_f64() * 1e6,
            Self::Late => load.latency(0.99).as_secs_f64() * 1e6,
            Self::Cpu => load.cpu_time.as_secs_f64() * 1e6 / load.requests as f64,
        }
    }

    fn unit(self) -> Unit {
        if self == Self::Requests { Unit::PerSecond } else { Unit::Micros }
    }
}
