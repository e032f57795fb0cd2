//! What a case holds in its hands.

use std::{
    collections::BTreeMap,
    fmt::{self, Display},
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use session_core::{Directory, Error, Result, Store, Timestamp};

use crate::{
    backend::{Medium, Opener},
    capabilities::Capabilities,
    case::Case,
    namespace::{Namespace, Namespaces},
    options::Options,
    outcome::{Outcome, Stop},
    process::{Remote, Rerun, Second},
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
        let store = opener.open(&namespace).await?;
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

    /// Returns the facet that lists sessions; for cases that need `directory`.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when it is not there although it was claimed.
    pub fn directory(&self) -> Outcome<&dyn Directory> {
        directory_of(self.store())
    }

    /// Opens the namespace of this case once more; for cases that need `shared`.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when it cannot be opened.
    pub async fn open_again(&self) -> Outcome<Arc<dyn Store>> {
        Ok(self.opener.open(&self.namespace).await?)
    }

    /// Opens an empty store in a namespace of its own, which has nothing to do with the store of this case.
    ///
    /// A case that needs `reopen` drops it and goes on with [`open_namespace`](Ctx::open_namespace).
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when it cannot be opened.
    pub async fn open_other(&self) -> Outcome<(Namespace, Arc<dyn Store>)> {
        let namespace = self.new_namespace()?;
        let store = self.opener.open(&namespace).await?;
        Ok((namespace, store))
    }

    /// Opens an empty store that holds at most `max_sessions`; for cases that need `cap`.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when it cannot be opened.
    pub async fn open_capped(&self, max_sessions: usize) -> Outcome<Arc<dyn Store>> {
        Ok(self.opener.open_capped(&self.new_namespace()?, max_sessions).await?)
    }

    /// Opens `namespace`, which an earlier call named.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when it cannot be opened.
    pub async fn open_namespace(&self, namespace: &Namespace) -> Outcome<Arc<dyn Store>> {
        Ok(self.opener.open(namespace).await?)
    }

    /// Returns a namespace that was never opened.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when the operating system gives no random bytes.
    pub fn new_namespace(&self) -> Outcome<Namespace> {
        Ok(self.namespaces.unique(self.case.id)?)
    }

    /// Removes a namespace that was opened and is not in use any more.
    pub async fn discard(&self, namespace: &Namespace) {
        self.namespaces.forget(namespace);
        discard(&*self.opener, namespace).await;
    }

    /// Returns the folder of a namespace; for cases that need `folder`.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when there is none although it was claimed.
    pub fn folder_of(&self, namespace: &Namespace) -> Outcome<PathBuf> {
        self.opener.folder(namespace).ok_or_else(|| claimed("folder"))
    }

    /// Starts a second process, in which stores of the same kind can be opened.
    pub(crate) async fn second_process(&self) -> Outcome<Second> {
        Second::start(&self.rerun, self.opener.name()).await
    }

    /// Opens a namespace in a second process, as soon as the last handle that was dropped here has closed.
    pub(crate) async fn open_in(&self, second: &Second, namespace: &Namespace) -> Outcome<Arc<Remote>> {
        let watch = Stopwatch::start();
        loop {
            match second.open(namespace).await {
                Err(Error::Backend { .. }) if watch.elapsed() < self.patience && !self.caps().shared => {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                opened => return Ok(opened?),
            }
        }
    }

    /// Returns the address of the server; for cases that need `server`.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when there is none although it was claimed.
    pub fn server(&self) -> Outcome<SocketAddr> {
        self.opener.server().ok_or_else(|| claimed("server"))
    }

    /// Opens `namespace` through `address` in place of the server's own, with `limit` for every call; for cases that
    /// need `server`.
    ///
    /// # Errors
    ///
    /// What the store answers.
    pub async fn open_through(
        &self,
        namespace: &Namespace,
        address: SocketAddr,
        limit: Duration,
    ) -> Result<Arc<dyn Store>> {
        self.opener.open_through(namespace, address, limit).await
    }

    /// Returns where this case keeps its sessions.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Returns the folder of this case; for cases that need `folder`.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when there is none although it was claimed.
    pub fn folder(&self) -> Outcome<PathBuf> {
        self.folder_of(&self.namespace)
    }

    /// Returns what lies under the store of this case; for cases that need `medium`.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when there is none although it was claimed.
    pub fn medium(&self) -> Outcome<Box<dyn Medium>> {
        self.opener.medium(&self.namespace).ok_or_else(|| claimed("medium"))
    }

    /// Returns what the store claims.
    pub fn caps(&self) -> Capabilities {
        self.opener.caps()
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

    pub(crate) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Ctx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ctx({} on {}, seed {})", self.case.id, self.opener.name(), self.seed)
    }
}

/// Returns the facet of `store` that lists sessions.
pub(crate) fn directory_of(store: &dyn Store) -> Outcome<&dyn Directory> {
    store.directory().ok_or_else(|| claimed("directory"))
}

/// Removes what a namespace has left.
pub(crate) async fn discard(opener: &dyn Opener, namespace: &Namespace) {
    opener.discard(namespace).await;
    namespace.remove_folder();
}

fn claimed(what: &str) -> Stop {
    Stop::Failed(format!("the store claims `{what}` and gives none"))
}
