//! One round of changes: the jobs that wait and whose folders are free, published together.

use std::{collections::BTreeMap, rc::Rc};

use session_core::{Error, Expect, Key, Record, Result, Revision, Timestamp};

use crate::{
    cap::{Cap, Place},
    claim::Claim,
    job::{Answer, Job, Task},
    layout, quarantine, read,
    replace::Staged,
    root::Root,
    sync::Syncer,
    tidy,
};

/// What a round works with, and the folders that are locked for it.
pub(crate) struct Round<'a> {
    root: &'a Root,
    syncer: &'a mut Syncer,
    cap: Option<&'a mut Cap>,
    claims: Vec<Rc<Claim>>,
}

/// A job on its way.
struct Step {
    claim: Rc<Claim>,
    job: Job,
    plan: Plan,
}

/// What is left to be done for a job.
enum Plan {
    Replace {
        staged: Staged,
        revision: Revision,
        place: Place,
    },
    Remove {
        lasting: bool,
    },
    Sync(Option<Revision>),
    Settled(Answer),
    /// There is room for it only after this round.
    Later,
}

impl<'a> Round<'a> {
    pub(crate) fn new(root: &'a Root, syncer: &'a mut Syncer, cap: Option<&'a mut Cap>) -> Self {
        Self { root, syncer, cap, claims: Vec::new() }
    }

    /// Carries out jobs of different keys, answers them, and returns those to do later.
    ///
    /// The order is what makes an `Ok` last: all records are judged and staged, their bytes are synced, they are
    /// renamed, the folders are synced. The locks are held throughout, so what was judged is still so when it is
    /// replaced.
    pub(crate) fn carry_out(mut self, mut jobs: Vec<(Rc<Claim>, Job)>) -> Vec<Job> {
        self.claims = jobs.iter().map(|(claim, _)| Rc::clone(claim)).collect();
        // A new session may evict another only as long as nothing was staged for that one.
        jobs.sort_by_key(|(_, job)| !job.task.creates());
        let mut steps: Vec<Step> = Vec::with_capacity(jobs.len());
        for (claim, job) in jobs {
            let plan = self.prepare(&claim, &job, &steps).unwrap_or_else(|error| Plan::Settled(Err(error)));
            steps.push(Step { claim, job, plan });
        }
        self.sync_files(&mut steps);
        let mut steps: Vec<_> = steps.into_iter().map(|step| self.publish(step)).collect();
        self.sync_folders(&mut steps);
        drop(self.claims);
        let plans: Vec<_> = steps.into_iter().map(|step| (step.job, step.plan)).collect();
        if let Some(cap) = self.cap {
            cap.tell();
        }
        plans.into_iter().filter_map(|(job, plan)| plan.finish(job)).collect()
    }

    fn prepare(&mut self, claim: &Rc<Claim>, job: &Job, before: &[Step]) -> Result<Plan> {
        let key = &job.key;
        match &job.task {
            Task::Save { record, expect, now } => {
                let found =
                    read::head(&claim.folder, key)?.filter(|head| expect.counts(head.expires_at, *now));
                let revision = expect.judge(found.map(|head| head.revision), Revision::first()?)?;
                let plan = replace(claim, key, record, revision)?;
                let fits = *expect != Expect::Absent || self.make_room(1, *now, before)?;
                Ok(if fits { plan } else { Plan::Later })
            }
            Task::Touch { expect, accessed_at, expires_at, now } => {
                let found = read::whole(&claim.folder, key)?.filter(|found| found.record.is_live(*now));
                let Some(found) = found else { return Err(Error::Missing) };
                let revision = Expect::Revision(*expect).judge(Some(found.revision), found.revision)?;
                let record = Record { accessed_at: *accessed_at, expires_at: *expires_at, ..found.record };
                replace(claim, key, &record, revision)
            }
            Task::Delete => Ok(Plan::Remove { lasting: true }),
            Task::Expire { now } => expire(claim, key, *now),
            Task::Tidy { now } => self.tidy(claim, *now, before).map(|()| Plan::Settled(Ok(None))),
        }
    }

    fn tidy(&mut self, claim: &Claim, now: Timestamp, before: &[Step]) -> Result<()> {
        tidy::tidy(&claim.folder, now)?;
        if let Some(cap) = self.cap.as_deref_mut() {
            cap.learn(&claim.folder)?;
        }
        self.make_room(0, now, before).map(drop)
    }

    /// Evicts until as many sessions fit as this round creates and `more`, and returns whether they do.
    fn make_room(&mut self, more: usize, now: Timestamp, before: &[Step]) -> Result<bool> {
        let Some(cap) = self.cap.as_deref_mut() else { return Ok(true) };
        let coming = before.iter().filter(|step| step.creates()).count();
        cap.make_room(self.root, &self.claims, coming + more, now)
    }

    fn sync_files(&mut self, steps: &mut [Step]) {
        let staged: Vec<_> = steps.iter().filter_map(Step::staged).collect();
        let answers = self.syncer.files(&staged);
        let steps = steps.iter_mut().filter(|step| step.staged().is_some());
        for (step, answer) in steps.zip(answers) {
            if let Err(error) = answer {
                step.plan = Plan::Settled(Err(error));
            }
        }
    }

    /// Does what readers see.
    fn publish(&mut self, step: Step) -> Step {
        let Step { claim, job, plan } = step;
        let plan = match plan {
            Plan::Replace { staged, revision, place } => staged.publish().map(|()| {
                self.keep_book(|cap| cap.note(job.key, place));
                Plan::Sync(Some(revision))
            }),
            Plan::Remove { lasting } => claim.folder.unlink(&layout::record(&job.key)).map(|_| {
                self.keep_book(|cap| cap.forget(&job.key));
                if lasting { Plan::Sync(None) } else { Plan::Settled(Ok(None)) }
            }),
            done => Ok(done),
        };
        Step { claim, job, plan: plan.unwrap_or_else(|error| Plan::Settled(Err(error))) }
    }

    fn keep_book(&mut self, change: impl FnOnce(&mut Cap)) {
        if let Some(cap) = self.cap.as_deref_mut() {
            change(cap);
        }
    }

    fn sync_folders(&mut self, steps: &mut [Step]) {
        let claims = steps.iter().filter(|step| matches!(step.plan, Plan::Sync(_))).map(|step| &step.claim);
        let claims: BTreeMap<_, _> = claims.map(|claim| (claim.folder.shard(), Rc::clone(claim))).collect();
        let (shards, claims): (Vec<_>, Vec<_>) = claims.into_iter().unzip();
        let answers: BTreeMap<_, _> = shards.into_iter().zip(self.syncer.folders(&claims)).collect();
        for step in steps {
            if let (Plan::Sync(revision), Some(answer)) =
                (&step.plan, answers.get(&step.claim.folder.shard()))
            {
                step.plan = Plan::Settled(answer.clone().map(|()| *revision));
            }
        }
    }
}

impl Step {
    fn staged(&self) -> Option<&Staged> {
        match &self.plan {
            Plan::Replace { staged, .. } => Some(staged),
            _ => None,
        }
    }

    fn creates(&self) -> bool {
        self.job.task.creates() && self.staged().is_some()
    }
}

impl Plan {
    /// Answers the job, or gives it back to be done later.
    fn finish(self, job: Job) -> Option<Job> {
        match self {
            Self::Settled(answer) => {
                job.answer(answer);
                None
            }
            Self::Later => Some(job),
            // Nothing is left in between once the folders are synced.
            Self::Replace { .. } | Self::Remove { .. } | Self::Sync(_) => None,
        }
    }
}

fn replace(claim: &Rc<Claim>, key: &Key, record: &Record, revision: Revision) -> Result<Plan> {
    let staged = Staged::write(claim, key, record, revision)?;
    Ok(Plan::Replace { staged, revision, place: Place::of(record) })
}

/// Judges a record that looked dead again, now that nobody else can change it.
fn expire(claim: &Rc<Claim>, key: &Key, now: Timestamp) -> Result<Plan> {
    match read::head(&claim.folder, key) {
        Ok(None) => Err(Error::Missing),
        Ok(Some(head)) if now < head.expires_at => Ok(Plan::Settled(Ok(Some(head.revision)))),
        Ok(Some(_)) => Ok(Plan::Remove { lasting: false }),
        Err(damage) => Err(quarantine::confirm(&claim.folder, key, damage)?),
    }
}
