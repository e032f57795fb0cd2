//! Rows that two processes, ours and a peer's, come to by working in turn.

use std::time::Duration;

use crate::{
    Result,
    bench::{Bench, Measured, ROUNDS},
    results::{Row, Unit},
    stores::Side,
    turns::Turns,
};

/// Two processes, and what they do in turn.
#[derive(Clone)]
pub(crate) struct Turned {
    pub(crate) ours: Start,
    pub(crate) peer: Option<Start>,
    pub(crate) specs: Vec<Spec>,
}

/// How a process is started.
#[derive(Clone)]
pub(crate) struct Start {
    pub(crate) side: Side,
    /// What is measured of it.
    pub(crate) kind: Vec<&'static str>,
    /// What else its program is told, behind the name of the store and its place.
    pub(crate) more: Vec<String>,
}

/// A row, and how it is come by.
#[derive(Clone)]
pub(crate) struct Spec {
    pub(crate) name: String,
    pub(crate) goal: Option<f64>,
    /// What a round is told, behind which comes how long it lasts, where that is not none.
    pub(crate) work: String,
    pub(crate) time: Option<Duration>,
    pub(crate) counts: Counts,
}

/// How the value of a row comes of what a process answers.
#[derive(Clone, Copy)]
pub(crate) enum Counts {
    /// Operations in a second.
    PerSecond,
    /// Bytes, for each of so many sessions.
    BytesOf(usize),
    /// Seconds for an operation.
    Seconds,
}

impl Turned {
    pub(super) fn run(&self, bench: &Bench) -> Result<Vec<Row>> {
        bench.shows(&format!("{} is being filled", self.ours.side.title));
        let mut ours = self.ours.process(bench)?;
        let mut peer = self.peer.as_ref().map(|peer| peer.process(bench)).transpose()?;
        let rows = self.specs.iter().map(|spec| {
            bench.shows(&spec.name);
            let line = spec.line(bench);
            let ours = || spec.counts.value(ours.process.round(&line)?);
            let row = match &mut peer {
                Some(peer) => {
                    let turns = Turns::take(ours, || spec.counts.value(peer.process.round(&line)?))?;
                    let titles =
                        (self.ours.side.title, self.peer.as_ref().map_or("", |peer| peer.side.title));
                    Row::of(&spec.name, titles, spec.counts.unit(), &turns, spec.goal)
                }
                None => {
                    let values = std::iter::repeat_with(ours).take(ROUNDS + 1).collect::<Result<Vec<_>>>()?;
                    Row::alone(&spec.name, self.ours.side.title, spec.counts.unit(), &values[1..])
                }
            };
            bench.has_measured();
            Ok(row)
        });
        rows.collect()
    }
}

impl Start {
    fn process(&self, bench: &Bench) -> Result<Measured> {
        bench.start(&self.side, &self.kind, &self.more.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

impl Spec {
    fn line(&self, bench: &Bench) -> String {
        let time = self.time.map(|time| bench.time(time).as_millis().to_string());
        [Some(self.work.clone()).filter(|work| !work.is_empty()), time]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl Counts {
    fn value(self, (operations, time): (f64, Duration)) -> Result<f64> {
        Ok(match self {
            Self::PerSecond => operations / time.as_secs_f64(),
            Self::BytesOf(sessions) => operations / sessions as f64,
            Self::Seconds => time.as_secs_f64() / operations,
        })
    }

    fn unit(self) -> Unit {
        match self {
            Self::PerSecond => Unit::PerSecond,
            Self::BytesOf(_) => Unit::Bytes,
            Self::Seconds => Unit::Seconds,
        }
    }
}
