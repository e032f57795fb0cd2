//! What is measured, in the order in which it is shown.

mod counter;
mod lost;
mod memory_size;
mod stored;
mod turned;
mod values;

use crate::{Result, arguments::Arguments, bench::Bench, results::Row, stores::Side};

/// One or several rows that come of the same processes.
pub(crate) enum Job {
    Turned(turned::Turned),
    Counter(counter::Counter),
    Lost(lost::Lost),
}

/// Returns all jobs with the rows that were asked for.
pub(crate) fn all(arguments: &Arguments) -> Vec<Job> {
    let turned = [stored::jobs(), values::jobs(), memory_size::jobs()].concat();
    let turned = turned.into_iter().map(Job::Turned);
    let counters = counter::jobs().into_iter().map(Job::Counter);
    let lost = lost::jobs().into_iter().map(Job::Lost);
    let mut jobs: Vec<_> = turned.chain(counters).chain(lost).collect();
    jobs.iter_mut().for_each(|job| job.keep(arguments));
    jobs.retain(|job| job.names().next().is_some());
    jobs
}

impl Job {
    /// Returns the names of its rows.
    pub(crate) fn names(&self) -> Box<dyn Iterator<Item = String> + '_> {
        match self {
            Self::Turned(job) => Box::new(job.specs.iter().map(|spec| spec.name.clone())),
            Self::Counter(job) => Box::new(job.specs.iter().map(|spec| spec.name.clone())),
            Self::Lost(job) => Box::new(job.specs.iter().map(|spec| spec.name.clone())),
        }
    }

    /// Returns who takes part.
    pub(crate) fn sides(&self) -> impl Iterator<Item = Side> {
        let (ours, peer) = match self {
            Self::Turned(job) => (job.ours.side, job.peer.as_ref().map(|peer| peer.side)),
            Self::Counter(job) => (job.ours, Some(job.peer)),
            Self::Lost(job) => (job.ours, job.peer),
        };
        [Some(ours), peer].into_iter().flatten()
    }

    pub(crate) async fn run(&self, bench: &Bench) -> Result<Vec<Row>> {
        match self {
            Self::Turned(job) => job.run(bench),
            Self::Counter(job) => job.run(bench).await,
            Self::Lost(job) => job.run(bench).await,
        }
    }

    /// Keeps the rows that were asked for.
    fn keep(&mut self, arguments: &Arguments) {
        match self {
            Self::Turned(job) => job.specs.retain(|spec| arguments.wants(&spec.name, spec.goal.is_some())),
            Self::Counter(job) => job.specs.retain(|spec| arguments.wants(&spec.name, spec.goal.is_some())),
            Self::Lost(job) => job.specs.retain(|spec| arguments.wants(&spec.name, true)),
        }
    }
}
