//! Requests that run, wait, idle and are dropped in every order that chance finds.
//!
//! Every increment has a number and is a line in a log, so that a lost one and a doubled one are both seen. A schedule
//! is made by its seed alone: what fails once fails again.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use session_core::{Config, CookieChange, Error, Found, Key, ManualClock, Result, Session, Sessions};

use crate::support::{
    Chance, ChaosStore, Executor, NOON, Polled, ScriptedStore, append, commit, cookie_of, finish,
};

/// How many schedules are tried of each kind.
const SCHEDULES: u64 = 500;

/// How many steps chance takes before everything may come to its end.
const STEPS: usize = 120;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// Increments alone.
    Plain,
    /// And rotations.
    Rotations,
    /// And one login.
    Login,
    /// And one kill.
    Kill,
}

/// One request with what is known of its increments.
struct Request {
    session: Session,
    made: BTreeSet<u32>,
    /// Those that no answer covers yet.
    pending: BTreeSet<u32>,
    kept: BTreeSet<u32>,
    commits: usize,
}

/// A commit: whose it is, and which increments it has to keep.
struct Call {
    request: usize,
    covers: BTreeSet<u32>,
}

struct Schedule {
    kind: Kind,
    seed: u64,
    chance: Chance,
    raw: ScriptedStore,
    store: ChaosStore,
    clock: Arc<ManualClock>,
    sessions: Sessions,
    /// Reads at the end what became of the session.
    observer: Session,
    key: Key,
    cookie: String,
    requests: Vec<Request>,
    calls: Vec<Call>,
    executor: Executor<Result<()>>,
    logged: u32,
    killed: bool,
    /// The first increment after the login was known to be kept.
    login_at: Option<u32>,
}

impl Request {
    fn new(session: Session) -> Self {
        Self { session, made: BTreeSet::new(), pending: BTreeSet::new(), kept: BTreeSet::new(), commits: 0 }
    }
}

impl Schedule {
    fn new(kind: Kind, seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let raw = ScriptedStore::default();
        let saves_per_fault = [3, 8, usize::MAX][chance.below(3)];
        let store = ChaosStore::new(raw.clone(), chance.clone(), saves_per_fault);
        let clock = Arc::new(ManualClock::new(NOON));
        let process = |store| Sessions::new(store, Config::default()).unwrap().with_clock(clock.clone());
        let processes = [process(store.clone()), process(store.clone()), process(store.at_once())];
        let open =
            |process: &Sessions, cookie: &str| pollster::block_on(process.open(&[cookie], None)).unwrap();
        let first = open(&processes[0], "");
        first.insert("log", &[0_u32; 0]).unwrap();
        let cookie = finish(&first);
        let count = 2 + chance.below(5);
        let requests = (0..count).map(|_| open(&processes[[0, 0, 1, 2][chance.below(4)]], &cookie));
        let requests = requests.map(Request::new).collect();
        let observer = open(&processes[0], &cookie);
        let (key, [sessions, ..]) = (first.key().unwrap(), processes);
        store.be_calm(false);
        let (calls, executor, logged, killed, login_at) = (vec![], Executor::new(), 0, false, None);
        Self {
            kind,
            seed,
            chance,
            raw,
            store,
            clock,
            sessions,
            observer,
            key,
            cookie,
            requests,
            calls,
            executor,
            logged,
            killed,
            login_at,
        }
    }

    fn run(mut self) {
        for _ in 0..STEPS {
            self.step();
        }
        self.finish_everything();
        self.check();
    }

    fn step(&mut self) {
        let request = self.chance.below(self.requests.len());
        match self.chance.below(20) {
            0..=3 => self.increment(request),
            4..=6 => self.commit(request),
            7 => drop(self.executor.drop_one(&mut self.chance).map(|call| self.forget(call))),
            8 if self.chance.once_in(3) => self.executor.idle_one(&mut self.chance),
            9 => self.special(request),
            10 => self.clock.advance(Duration::from_secs(self.chance.below(90) as u64)),
            11..=13 => drop(self.store.resume_one()),
            _ => drop(self.poll()),
        }
    }

    fn increment(&mut self, index: usize) {
        let request = &mut self.requests[index];
        append(&request.session, self.logged);
        request.made.insert(self.logged);
        request.pending.insert(self.logged);
        self.logged += 1;
    }

    fn commit(&mut self, index: usize) {
        let request = &mut self.requests[index];
        request.commits += 1;
        let session = request.session.clone();
        self.executor.spawn(self.calls.len(), async move { session.commit().await });
        self.calls.push(Call { request: index, covers: request.pending.clone() });
    }

    fn forget(&mut self, call: usize) {
        self.requests[self.calls[call].request].commits -= 1;
    }

    /// Does what only schedules of this kind do; the first request is the one that logs in or kills.
    fn special(&mut self, index: usize) {
        match self.kind {
            Kind::Plain => {}
            Kind::Rotations => self.requests[index].session.rotate(),
            Kind::Login if self.requests[0].session.owner().is_none() => {
                self.requests[0].session.login("ada").unwrap();
                self.commit(0);
            }
            Kind::Kill if self.chance.once_in(4) && self.requests[0].commits == 0 => {
                self.requests[0].session.kill();
                self.requests[0].pending.clear();
                self.commit(0);
            }
            Kind::Login | Kind::Kill => {}
        }
    }

    /// Polls one task, and returns whether there was one to poll.
    fn poll(&mut self) -> bool {
        match self.executor.poll_one(&mut self.chance) {
            Polled::Nobody => false,
            Polled::Pending => true,
            Polled::Done(call, outcome) => {
                self.note(call, outcome);
                true
            }
        }
    }

    fn note(&mut self, call: usize, outcome: Result<()>) {
        let Call { request: index, covers } = &self.calls[call];
        let request = &mut self.requests[*index];
        request.commits -= 1;
        match outcome {
            Ok(()) => {
                // What an unknown answer covered meanwhile is not pending any more.
                let kept: Vec<u32> = request.pending.intersection(covers).copied().collect();
                request.pending.retain(|id| !covers.contains(id));
                request.kept.extend(kept);
                if *index == 0 {
                    self.killed |= self.kind == Kind::Kill && request.session.key() != Some(self.key);
                    let logged_in =
                        self.kind == Kind::Login && request.session.cookie() != CookieChange::Keep;
                    self.login_at = self.login_at.or(logged_in.then_some(self.logged));
                }
            }
            Err(error) if error.is_unknown() || matches!(error, Error::Gone) => request.pending.clear(),
            // The changes wait for another commit.
            Err(Error::Backend { .. }) => {}
            Err(error) => panic!("seed {}: {error}", self.seed),
        }
    }

    /// Lets whoever was called finish, then those who idled; nobody may be left waiting without being called.
    fn finish_everything(&mut self) {
        loop {
            while self.poll() || self.store.resume_one() {}
            assert!(!self.executor.is_waiting(), "{:?} {}: a commit hangs", self.kind, self.seed);
            if !self.executor.end_idling() {
                break;
            }
        }
        self.store.be_calm(true);
        for index in 0..self.requests.len() {
            self.commit(index);
            while self.poll() {}
        }
        for index in 0..self.requests.len() {
            // An unknown answer, if there was one, has been given.
            self.commit(index);
            while self.poll() {}
        }
        assert!(!self.executor.is_waiting(), "{:?} {}: a commit hangs", self.kind, self.seed);
    }

    fn check(self) {
        let Self { kind, seed, .. } = self;
        if self.killed {
            assert_eq!(self.raw.stored(self.key), None, "{kind:?} {seed}: the session came back");
            return;
        }
        assert!(kind == Kind::Login || self.opens(), "{kind:?} {seed}: the visitor is stranded");
        let Some(log) = self.log() else { return };
        let once: BTreeSet<u32> = log.iter().copied().collect();
        assert_eq!(once.len(), log.len(), "{kind:?} {seed}: doubled in {log:?}");
        for (index, Request { made, pending, kept, .. }) in self.requests.iter().enumerate() {
            let lost: Vec<_> = kept.difference(&once).collect();
            assert!(lost.is_empty(), "{kind:?} {seed}: {index} lost {lost:?} in {log:?}");
            assert!(pending.is_empty(), "{kind:?} {seed}: {index} never kept {pending:?}");
            let shut_out = |id: &&u32| index > 0 && self.login_at.is_some_and(|login| **id >= login);
            let intruded: Vec<_> = made.intersection(&once).filter(shut_out).collect();
            assert!(intruded.is_empty(), "{kind:?} {seed}: {index} changed {intruded:?} after the login");
        }
    }

    /// Returns whether one of the tickets that were ever handed out opens the session.
    fn opens(&self) -> bool {
        let set = self.requests.iter().map(|request| request.session.cookie());
        let set =
            set.filter(|change| matches!(change, CookieChange::Set(_))).map(|change| cookie_of(&change));
        set.chain([self.cookie.clone()]).any(|cookie| {
            let session = pollster::block_on(self.sessions.open(&[cookie], None)).unwrap();
            matches!(session.found(), Found::Live | Found::Late)
        })
    }

    /// Returns what is in the log, unless a login is in force that nobody was told of.
    fn log(&self) -> Option<Vec<u32>> {
        let logged_in = &self.requests[0].session;
        let session = [&self.observer, logged_in].into_iter().find(|session| {
            session.insert("end", &true).unwrap();
            match commit(session) {
                Ok(()) => session.key() == Some(self.key),
                Err(Error::Gone) => false,
                Err(error) => panic!("{:?} {}: {error}", self.kind, self.seed),
            }
        });
        session.map(|session| session.get("log").unwrap().unwrap())
    }
}

#[test]
fn no_schedule_loses_or_doubles_an_increment_or_hangs() {
    for kind in [Kind::Plain, Kind::Rotations, Kind::Login, Kind::Kill] {
        (0..SCHEDULES).for_each(|seed| Schedule::new(kind, seed).run());
    }
}
