//! The jobs that wait for one folder, in the order in which they were asked for.

use std::{
    collections::{HashSet, VecDeque},
    rc::Rc,
    time::Duration,
};

use session_core::{Error, Key, Result};

use crate::{
    claim::Claim,
    folder::Folder,
    job::{Answer, Job, Task},
    layout::Shard,
    line::Line,
    root::Root,
};

/// The jobs that wait for one folder.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    jobs: VecDeque<Job>,
    line: Option<Line>,
}

impl Lane {
    pub(crate) fn push(&mut self, job: Job) {
        self.jobs.push_back(job);
    }

    /// Puts a job back that could not be done yet.
    pub(crate) fn put_back(&mut self, job: Job) {
        self.jobs.push_front(job);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Takes the lock of the folder, if it is free. Jobs that cannot wait for it any longer are answered.
    pub(crate) fn claim(&mut self, root: &Root, shard: Shard, timeout: Duration) -> Option<Rc<Claim>> {
        self.jobs.retain(|job| !job.is_dropped());
        if self.jobs.is_empty() {
            self.line = None;
            return None;
        }
        match self.try_claim(root, shard, timeout) {
            Ok(claim) => claim.map(Rc::new),
            Err(error) => {
                self.fail(&error);
                None
            }
        }
    }

    /// Answers every job with `error`.
    pub(crate) fn fail(&mut self, error: &Error) {
        self.line = None;
        self.jobs.drain(..).for_each(|job| job.answer(Err(error.clone())));
    }

    /// Takes at most `limit` jobs that can be done together: one of each key, the first, and tidying alone.
    pub(crate) fn take(&mut self, limit: usize) -> Vec<Job> {
        if let Some(tidy) = self.jobs.pop_front_if(|job| job.is_tidy()) {
            return vec![tidy];
        }
        let (mut keys, mut taken, mut left): (HashSet<Key>, _, _) = Default::default();
        let mut is_open = true;
        for job in self.jobs.drain(..) {
            is_open &= !job.is_tidy() && keys.len() < limit;
            let lane: &mut VecDeque<_> = if is_open && keys.insert(job.key) { &mut taken } else { &mut left };
            lane.push_back(job);
        }
        self.jobs = left;
        taken.into()
    }

    fn try_claim(&mut self, root: &Root, shard: Shard, timeout: Duration) -> Result<Option<Claim>> {
        let folder = if self.jobs.iter().any(|job| job.task.creates()) {
            Folder::create(root, shard)?
        } else if let Some(folder) = Folder::open(root, shard)? {
            folder
        } else {
            self.jobs.drain(..).for_each(|job| {
                let answer = absent(&job.task);
                job.answer(answer);
            });
            return Ok(None);
        };
        let line = self.line.get_or_insert_with(Line::enter);
        let claim = Claim::take(folder, line, timeout)?;
        if claim.is_some() {
            self.line = None;
        }
        Ok(claim)
    }
}

/// Returns the answer of a job whose folder is not there, and so no record either.
fn absent(task: &Task) -> Answer {
    match task {
        Task::Save { .. } | Task::Touch { .. } | Task::Expire { .. } => Err(Error::Missing),
        Task::Delete | Task::Tidy { .. } => Ok(None),
    }
}
