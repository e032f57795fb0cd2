//! One future that many tasks may poll.

use std::{
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker},
};

/// What is polled.
pub(crate) type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One future that many tasks may poll: whichever of them runs drives it for all.
///
/// There is no leader. A leader that holds a lock and is dropped, or is just not polled for a while, leaves the others
/// waiting for ever; here the work goes on as long as any one of them is polled.
pub(crate) struct Shared {
    slot: Mutex<Slot>,
    bell: Arc<Bell>,
}

enum Slot {
    Idle(Work),
    /// Somebody polls it right now; `contended` says that somebody else wanted to meanwhile.
    Busy {
        contended: bool,
    },
    Done,
}

impl Shared {
    pub(crate) fn new(work: Work, bell: Arc<Bell>) -> Arc<Self> {
        Arc::new(Self { slot: Mutex::new(Slot::Idle(work)), bell })
    }

    pub(crate) fn is_done(&self) -> bool {
        matches!(*self.slot(), Slot::Done)
    }

    /// Polls the work, unless somebody else does so right now. Whoever waits must be in the bell before.
    ///
    /// The work runs outside every lock, because it runs closures of users and futures of stores.
    pub(crate) fn poll(&self) {
        let Some(mut work) = self.take() else { return };
        let waker = Waker::from(self.bell.clone());
        let mut context = Context::from_waker(&waker);
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut context)));
        match polled {
            Ok(Poll::Pending) => self.put_back(work),
            // What panicked is not polled again; whoever rides with it finds it gone.
            Ok(Poll::Ready(())) | Err(_) => {
                drop(work);
                *self.slot() = Slot::Done;
                self.bell.ring();
            }
        }
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Work> {
        let mut slot = self.slot();
        match std::mem::replace(&mut *slot, Slot::Busy { contended: false }) {
            Slot::Idle(work) => Some(work),
            Slot::Busy { .. } => {
                *slot = Slot::Busy { contended: true };
                None
            }
            Slot::Done => {
                *slot = Slot::Done;
                None
            }
        }
    }

    /// Ends a turn; who wanted one meanwhile is called, for this task may never be polled again.
    fn put_back(&self, work: Work) {
        let before = std::mem::replace(&mut *self.slot(), Slot::Idle(work));
        if matches!(before, Slot::Busy { contended: true }) {
            self.bell.ring();
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

/// Calls every task that waits. It holds no work, so a store that keeps the waker keeps nothing alive.
#[derive(Debug, Default)]
pub(crate) struct Bell(Mutex<Vec<Waker>>);

impl Bell {
    fn wakers(&self) -> MutexGuard<'_, Vec<Waker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a task to be called.
    pub(crate) fn register(&self, waker: &Waker) {
        let mut wakers = self.wakers();
        if !wakers.iter().any(|known| known.will_wake(waker)) {
            wakers.push(waker.clone());
        }
    }

    /// Calls every task that was noted since the last time.
    pub(crate) fn ring(&self) {
        let wakers = std::mem::take(&mut *self.wakers());
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::poll_fn,
        sync::{
            OnceLock, Weak,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn who_wanted_a_turn_while_another_had_it_is_called_afterwards() {
        let count = Arc::new(Count::default());
        let (bell, place) = (Arc::<Bell>::default(), Arc::new(OnceLock::<Weak<Shared>>::new()));
        let inside = place.clone();
        // While it is polled, another task wants to poll it.
        let work = poll_fn(move |_| {
            inside.get().unwrap().upgrade().unwrap().poll();
            Poll::Pending
        });
        let shared = Shared::new(Box::pin(work), bell.clone());
        place.set(Arc::downgrade(&shared)).unwrap();
        bell.register(&Waker::from(count.clone()));
        shared.poll();
        assert_eq!(count.0.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn work_that_panics_is_done_and_everybody_is_called() {
        let count = Arc::new(Count::default());
        let bell = Arc::<Bell>::default();
        let shared = Shared::new(Box::pin(async { panic!("on purpose") }), bell.clone());
        bell.register(&Waker::from(count.clone()));
        shared.poll();
        assert!(shared.is_done());
        assert_eq!(count.0.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn the_waker_of_the_work_keeps_no_work_alive() {
        let held = Arc::new(());
        let kept = held.clone();
        let wakers = Arc::new(Mutex::new(Vec::new()));
        let stored = wakers.clone();
        let work = poll_fn(move |context| {
            let _kept = &kept;
            stored.lock().unwrap().push(context.waker().clone());
            Poll::Pending
        });
        let shared = Shared::new(Box::pin(work), Arc::default());
        shared.poll();
        drop(shared);
        assert_eq!(wakers.lock().unwrap().len(), 1);
        assert_eq!(Arc::strong_count(&held), 1);
    }

    #[test]
    fn a_waker_that_is_used_by_reference_calls_everybody_too() {
        let count = Arc::new(Count::default());
        let bell = Arc::<Bell>::default();
        bell.register(&Waker::from(count.clone()));
        Waker::from(bell).wake_by_ref();
        assert_eq!(count.0.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn debug_does_not_wait_for_a_turn() {
        let shared = Shared::new(Box::pin(async {}), Arc::default());
        let _turn = shared.slot();
        assert_eq!(format!("{shared:?}"), "Shared { .. }");
    }
}
