//! The store that fails.

use std::{
    fmt,
    future::{Future, poll_fn},
    mem,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
};

use async_trait::async_trait;
use session_core::{
    Directory, Error, Expect, Key, Objects, Record, Result, Revision, Store, Stored, Timestamp,
};

use crate::faulty::{Fault, Verb, plan::Plan};

/// A store that fails as it is told, around one that does not: for tests of what you build on a store.
///
/// What is to happen is scripted call by call, or left to chance by a seed. A clone is a handle to the same store
/// and the same plan.
///
/// ```
/// use std::sync::Arc;
///
/// use conformance_tests::{Fault, FaultyStore, Verb};
/// use session_core::{Expect, Key, Record, Store, Timestamp};
/// use store_memory::MemoryStore;
///
/// # pollster::block_on(async {
/// let store = FaultyStore::new(Arc::new(MemoryStore::new()));
/// store.script(Verb::Save, [Fault::UnknownLanded]);
///
/// let (key, now) = (Key::from_bytes([7; 16]), Timestamp::EPOCH);
/// let record = Record { data: "cart".into(), accessed_at: now, expires_at: Timestamp::MAX, owner: None };
/// let saved = store.save(&key, &record, Expect::Absent, now).await;
/// assert!(saved.unwrap_err().is_unknown());
/// assert!(store.load(&key, now).await?.is_some()); // It landed all the same.
/// # Ok::<(), session_core::Error>(()) }).unwrap();
/// ```
pub struct FaultyStore<S: ?Sized> {
    pub(super) shared: Arc<Shared<S>>,
}

pub(super) struct Shared<S: ?Sized> {
    state: Mutex<State>,
    pub(super) store: Arc<S>,
}

#[derive(Default)]
struct State {
    plan: Plan,
    late: Vec<Late>,
}

/// A write that lands when so many calls were made.
struct Late {
    after: usize,
    write: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl<S: Store + ?Sized> FaultyStore<S> {
    /// Returns a store that does what `store` does until a script says otherwise.
    #[must_use]
    pub fn new(store: Arc<S>) -> Self {
        Self::with(store, Plan::default())
    }

    /// Returns a store of whose calls one in `one_in` goes wrong in some way, as the seed decides.
    #[must_use]
    pub fn by_chance(store: Arc<S>, seed: u64, one_in: u64) -> Self {
        Self::with(store, Plan::by_chance(seed, one_in))
    }

    fn with(store: Arc<S>, plan: Plan) -> Self {
        let state = State { plan, ..State::default() };
        Self { shared: Arc::new(Shared { state: Mutex::new(state), store }) }
    }

    /// Adds faults for the next calls of `verb`, one for each call.
    pub fn script(&self, verb: Verb, faults: impl IntoIterator<Item = Fault>) {
        self.state().plan.add(verb, faults);
    }

    /// Forgets the script and the chance: from now on nothing goes wrong, but what is to land late still does.
    pub fn calm(&self) {
        self.state().plan.stop();
    }

    /// Returns how often `verb` was called.
    #[must_use]
    pub fn calls(&self, verb: Verb) -> usize {
        self.state().plan.calls(verb)
    }

    /// Returns the store that does not fail.
    #[must_use]
    pub fn inner(&self) -> &S {
        &self.shared.store
    }

    /// Lets everything land that was to land late.
    pub async fn settle(&self) {
        let late = mem::take(&mut self.state().late);
        for late in late {
            late.write.await;
        }
    }

    /// Decides what happens to a call, after landing what is due.
    pub(super) async fn fault(&self, verb: Verb) -> Fault {
        for write in self.due() {
            write.await;
        }
        self.state().plan.next(verb)
    }

    fn due(&self) -> Vec<Pin<Box<dyn Future<Output = ()> + Send>>> {
        let mut state = self.state();
        let (due, later) = mem::take(&mut state.late).into_iter().partition(|late| late.after == 0);
        state.late = later;
        state.late.iter_mut().for_each(|late| late.after -= 1);
        due.into_iter().map(|late: Late| late.write).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a call that writes, and lets it go wrong.
    async fn write<T, F>(&self, verb: Verb, call: impl FnOnce(Arc<S>) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let fault = self.fault(verb).await;
        let call = call(Arc::clone(&self.shared.store));
        match fault {
            Fault::UnknownLanded => call.await.and(Err(unknown())),
            Fault::UnknownLost => Err(unknown()),
            Fault::LandsLate(after) => {
                let write = Box::pin(async { drop(call.await) });
                self.state().late.push(Late { after, write });
                Err(unknown())
            }
            Fault::HoldAndLose(gate) => {
                gate.pass().await;
                Err(unknown())
            }
            fault => around(fault, call).await,
        }
    }
}

/// Makes a call whose fault is not about writing.
pub(super) async fn around<T>(fault: Fault, call: impl Future<Output = Result<T>>) -> Result<T> {
    match fault {
        Fault::None => call.await,
        Fault::DelayBefore(polls) => {
            delay(polls).await;
            call.await
        }
        Fault::DelayAfter(polls) => {
            let answer = call.await;
            delay(polls).await;
            answer
        }
        Fault::HoldBefore(gate) => {
            gate.pass().await;
            call.await
        }
        Fault::HoldAfter(gate) => {
            let answer = call.await;
            gate.pass().await;
            answer
        }
        Fault::Conflict => Err(Error::Conflict),
        Fault::Exists => Err(Error::Exists),
        #[expect(clippy::panic, reason = "a store that panics is one of the faults")]
        Fault::Panic => panic!("the store panics as it was told"),
        _ => Err(Error::backend("faulty store", "reach the medium", "the medium is away")),
    }
}

fn unknown() -> Error {
    Error::unknown("faulty store", "hear from the medium", "the answer is lost")
}

/// Is pending for so many polls.
async fn delay(mut polls: usize) {
    poll_fn(|context| {
        if polls == 0 {
            return Poll::Ready(());
        }
        polls -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[async_trait]
impl<S: Store + ?Sized> Store for FaultyStore<S> {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        around(self.fault(Verb::Load).await, self.shared.store.load(key, now)).await
    }

    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        let (key, record) = (*key, record.clone());
        let call = move |store: Arc<S>| async move { store.save(&key, &record, expect, now).await };
        self.write(Verb::Save, call).await
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        let key = *key;
        let call =
            move |store: Arc<S>| async move { store.touch(&key, expect, accessed_at, expires_at, now).await };
        self.write(Verb::Touch, call).await
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        let key = *key;
        self.write(Verb::Delete, move |store: Arc<S>| async move { store.delete(&key).await }).await
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        let call = move |store: Arc<S>| async move { store.delete_expired(now, limit).await };
        self.write(Verb::DeleteExpired, call).await
    }

    fn directory(&self) -> Option<&dyn Directory> {
        self.shared.store.directory().map(|_| self as &dyn Directory)
    }

    fn objects(&self) -> Option<&dyn Objects> {
        self.shared.store.objects()
    }
}

impl<S: ?Sized> Clone for FaultyStore<S> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<S: Store + ?Sized> fmt::Debug for FaultyStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyStore").field("store", &&self.shared.store).finish_non_exhaustive()
    }
}
