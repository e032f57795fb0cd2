//! A thread that changes some of the folders; no other thread of the store changes those.
//!
//! Calls are carried out in the order in which they were first polled, as far as they are about the same key. A call that
//! was dropped before its turn is skipped; one that was dropped later is carried out before any that came after it. So a
//! dropped write never lands after a later one that was answered.

use std::{
    collections::BTreeMap,
    rc::Rc,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::Duration,
};

use session_core::{Error, Key, Result};
use tokio::sync::oneshot;

use crate::{
    cap::Cap,
    claim::Claim,
    fault::{self, Refusal},
    job::{Answer, Job, Task},
    lane::Lane,
    layout::Shard,
    root::Root,
    round::Round,
    sync::Syncer,
};

/// The most jobs of one round. Each has a few files open meanwhile.
const ROUND_MAX: usize = 64;

/// How long to wait before looking at a busy lock again: doubled each time, up to the second.
const PAUSES: (Duration, Duration) = (Duration::from_micros(50), Duration::from_millis(2));

/// Hands jobs to the thread, which ends when it is dropped and all jobs are done.
#[derive(Debug)]
pub(crate) struct Writer {
    inbox: Sender<Job>,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(
        root: &Arc<Root>,
        syncer: Syncer,
        cap: Option<Cap>,
        lock_timeout: Duration,
    ) -> Result<Self> {
        let (inbox, jobs) = mpsc::channel();
        let root = Arc::clone(root);
        let work = move || {
            let (lanes, pause, next) = (BTreeMap::new(), Duration::ZERO, Shard(0));
            Desk { root, syncer, cap, lock_timeout, jobs, lanes, pause, next }.work();
        };
        thread::Builder::new()
            .name("store-disk-writer".into())
            .spawn(work)
            .map_err(|cause| fault::not_applied("start its writer thread", cause))?;
        Ok(Self { inbox })
    }

    /// Has a job done.
    pub(crate) async fn ask(&self, key: Key, task: Task) -> Answer {
        self.submit(key, task)?.await.unwrap_or_else(|_| Err(ended()))
    }

    /// Waits for the answer of a job on a thread that may block.
    pub(crate) fn wait(answer: oneshot::Receiver<Answer>) -> Answer {
        answer.blocking_recv().unwrap_or_else(|_| Err(ended()))
    }

    /// Puts a job in line and returns where its answer will be.
    pub(crate) fn submit(&self, key: Key, task: Task) -> Result<oneshot::Receiver<Answer>> {
        let (reply, answer) = oneshot::channel();
        let sent = self.inbox.send(Job { key, task, reply });
        sent.map(|()| answer).map_err(|_| fault::not_applied("begin a write", Refusal::Ended))
    }
}

fn ended() -> Error {
    fault::unknown("finish a write", Refusal::Ended)
}

/// What the thread works with.
struct Desk {
    root: Arc<Root>,
    syncer: Syncer,
    cap: Option<Cap>,
    lock_timeout: Duration,
    jobs: Receiver<Job>,
    lanes: BTreeMap<Shard, Lane>,
    pause: Duration,
    /// The folder to begin the next round with, so that a full round does not favour the first ones.
    next: Shard,
}

impl Desk {
    fn work(mut self) {
        while self.gather() {
            match self.root.still_there() {
                Ok(()) => self.round(),
                Err(error) => self.lanes.values_mut().for_each(|lane| lane.fail(&error)),
            }
            self.lanes.retain(|_, lane| !lane.is_empty());
        }
    }

    /// Collects the jobs that came in, waits for one if there is none, and returns whether there is any.
    fn gather(&mut self) -> bool {
        let first = if self.lanes.is_empty() { self.jobs.recv().ok() } else { self.wait_for_a_lock() };
        let jobs: Vec<_> = first.into_iter().chain(self.jobs.try_iter()).collect();
        for job in jobs {
            self.lanes.entry(job.shard()).or_default().push(job);
        }
        !self.lanes.is_empty()
    }

    /// Waits until a busy lock is worth another look, or for a job, which may be about a free folder.
    fn wait_for_a_lock(&self) -> Option<Job> {
        match self.jobs.recv_timeout(self.pause) {
            Ok(job) => Some(job),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                thread::sleep(self.pause);
                None
            }
        }
    }

    fn round(&mut self) {
        let jobs = self.take_jobs();
        self.pause =
            if jobs.is_empty() { (self.pause * 2).clamp(PAUSES.0, PAUSES.1) } else { Duration::ZERO };
        let Self { root, syncer, cap, lanes, .. } = self;
        for job in Round::new(root, syncer, cap.as_mut()).carry_out(jobs) {
            lanes.entry(job.shard()).or_default().put_back(job);
        }
    }

    /// Locks the folders that are free, and takes the jobs of a round.
    fn take_jobs(&mut self) -> Vec<(Rc<Claim>, Job)> {
        let mut jobs = Vec::new();
        let start = self.next;
        let shards: Vec<_> =
            self.lanes.range(start..).chain(self.lanes.range(..start)).map(|(shard, _)| *shard).collect();
        for shard in shards {
            let room = ROUND_MAX - jobs.len();
            if room == 0 {
                self.next = shard;
                break;
            }
            let Some(lane) = self.lanes.get_mut(&shard) else { continue };
            let Some(claim) = lane.claim(&self.root, shard, self.lock_timeout) else { continue };
            jobs.extend(lane.take(room).into_iter().map(|job| (Rc::clone(&claim), job)));
        }
        jobs
    }
}
