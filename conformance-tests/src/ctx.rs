//! What a case holds in its hands.

mod places;

use std::{
    collections::BTreeMap,
    fmt::{self, Display},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use session_core::{Store, Timestamp};

pub(crate) use self::places::{directory_of, discard};
use crate::{
    backend::Opener,
    capabilities::Capabilities,
    case::Case,
    either_way::open,
    exception::Exception,
    namespace::{Namespace, Namespaces},
    options::Options,
    outcome::{Outcome, Stop},
    process::Rerun,
    report::Finding,
    rng::Rng,
    stopwatch::Stopwatch,
};

/// What a case holds in its hands: a store of its own, a seed, and the list of its findings.
pub struct Ctx {
    case: &'static Case,
    opener: Arc<dyn Opener>,
    namespace: Namespace,
    store: Arc<dyn Store>,
    /// All that were opened, to be removed in the end.
    namespaces: Arc<Namespaces>,
    rerun: Rerun,
    seed: u64,
    effort: Duration,
    patience: Duration,
    notes: Arc<Mutex<Notes>>,
}

/// What a case has found so far; it outlives a case that panics or hangs.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) findings: Vec<Finding>,
    pub(crate) checks: BTreeMap<u32, bool>,
}

impl Notes {
    /// A broken store may fail a check in a loop: more findings of one check than this help nobody.
    const FINDINGS_OF_A_CHECK_MAX: usize = 3;

    pub(crate) fn add(&mut self, check: Option<u32>, message: String) {
        let same = self.findings.iter().filter(|finding| finding.check == check).count();
        if same < Self::FINDINGS_OF_A_CHECK_MAX {
            self.findings.push(Finding { check, message });
        }
    }
}

impl Ctx {
    pub(crate) async fn open(
        case: &'static Case,
        opener: Arc<dyn Opener>,
        options: &Options,
        notes: Arc<Mutex<Notes>>,
        namespaces: Arc<Namespaces>,
    ) -> Outcome<Self> {
        let namespace = namespaces.unique(case.id)?;
        let store = open(&*opener, &namespace, None).await?;
        let (&Options { seed, effort, watchdog, .. }, rerun) = (options, options.rerun.clone());
        let patience = watchdog / 3;
        Ok(Self { case, opener, namespace, store, namespaces, rerun, seed, effort, patience, notes })
    }

    /// Notes whether the check with this number held, and returns `condition`.
    ///
    /// The number is unique in the case and stays the same for ever. A check may be made many times; it
    /// held when it held every time.
    pub fn check(&self, number: u32, condition: bool, message: impl Display) -> bool {
        let mut notes = self.notes();
        *notes.checks.entry(number).or_insert(true) &= condition;
        if !condition {
            notes.add(Some(number), message.to_string());
        }
        condition
    }

    /// Returns the store of this case, which was empty when the case began.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Returns the store of this case to be shared with threads and tasks.
    pub fn shared_store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// Returns what the store claims.
    pub fn caps(&self) -> Capabilities {
        self.opener.caps()
    }

    /// Returns the cases that the store does not fit.
    pub(crate) fn exceptions(&self) -> &'static [Exception] {
        self.opener.exceptions()
    }

    /// Returns the name of the store.
    pub fn store_name(&self) -> &'static str {
        self.opener.name()
    }

    /// Returns the case.
    pub fn case(&self) -> &'static Case {
        self.case
    }

    /// Returns the seed of this run.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Returns random numbers that the seed of this run and the id of the case decide.
    pub fn rng(&self) -> Rng {
        Rng::of(self.seed, self.case.id)
    }

    /// Returns the time at which the case begins: some instant of the 2020s that the seed decides.
    pub fn now(&self) -> Timestamp {
        let ten_years = 10 * 365 * 24 * 3_600 * 1_000;
        let after_2020 = Rng::of(self.seed, "now").below(ten_years);
        Timestamp::from_millis(1_577_836_800_000) + Duration::from_millis(after_2020)
    }

    /// Counts rounds of a race: at least `min`, at most `max`, and otherwise for as long as one case may take.
    ///
    /// A race that a broken store loses once in a thousand rounds must be run that often, and a slow store
    /// must still come to an end. A race that was lost is not run again.
    pub fn rounds(&self, min: usize, max: usize) -> impl Iterator<Item = usize> + use<> {
        let (watch, effort, notes) = (Stopwatch::start(), self.effort, Arc::clone(&self.notes));
        let lost = move || !notes.lock().unwrap_or_else(PoisonError::into_inner).findings.is_empty();
        (0..max).take_while(move |round| !lost() && (*round < min || watch.elapsed() < effort))
    }

    /// Checks that `call` ends, and returns what it answered; it may take a third of what the case may take.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when it does not end.
    pub async fn answered<T>(&self, number: u32, call: impl Future<Output = T>) -> Outcome<T> {
        let answer = tokio::time::timeout(self.patience, call).await;
        self.check(number, answer.is_ok(), format_args!("a call did not end within {:?}", self.patience));
        answer.map_err(|_| Stop::Failed("a call did not end".to_owned()))
    }

    /// Returns how long to wait for what may never come: a third of what the case may take.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Says for how long to look again where nothing tells when it is over: what a dropped call has left in the hands of
    /// another thread may land a moment later. A third of what the case may take is enough.
    pub(crate) fn retry(&self) -> Retry {
        Retry { watch: Stopwatch::start(), patience: self.patience }
    }

    pub(crate) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long to look again.
#[derive(Debug)]
pub(crate) struct Retry {
    watch: Stopwatch,
    patience: Duration,
}

impl Retry {
    /// Waits a moment, and returns whether it is worth another look.
    pub(crate) async fn again(&self) -> bool {
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.watch.elapsed() < self.patience
    }
}

impl fmt::Debug for Ctx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ctx({} on {}, seed {})", self.case.id, self.opener.name(), self.seed)
    }
}
