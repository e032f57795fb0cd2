//! A store that answers without a future.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use session_core::{Config, CookieChange, Error, Session, Sessions};
use store_memory::MemoryStore;

use crate::support::{Fault, Lab, add_one, append, commit, finish, handles};

#[test]
fn what_is_kept_at_once_is_one_save_and_runs_nothing_again() {
    let lab = Lab::at_once();
    let cookie = lab.visitor();
    let (session, runs, before) = (lab.open(&cookie), Arc::new(AtomicUsize::new(0)), lab.store.calls());
    for number in 1..=3 {
        let counted = runs.clone();
        session
            .update("count", move |count: &mut u64| {
                counted.fetch_add(1, Ordering::SeqCst);
                *count += 1;
            })
            .unwrap();
        assert_eq!(session.finish_at_once().unwrap().unwrap(), CookieChange::Keep);
        assert!(!session.wants_commit());
        assert_eq!(session.get::<u64>("count").unwrap(), Some(number));
    }
    let calls = lab.store.calls();
    assert_eq!((calls.saves - before.saves, calls.loads - before.loads), (3, 0));
    assert_eq!(runs.load(Ordering::SeqCst), 3);
    assert_eq!(lab.count(&cookie), Some(3));
}

#[test]
fn another_handle_that_was_faster_loses_nothing() {
    let lab = Lab::at_once();
    let (cookie, handles) = handles(&lab, 3);
    for session in &handles {
        add_one(session);
    }
    for session in &handles {
        assert_eq!(session.finish_at_once().unwrap().unwrap(), CookieChange::Keep);
    }
    assert_eq!(lab.count(&cookie), Some(3));
    assert_eq!(handles[2].get::<u64>("count").unwrap(), Some(3));
}

#[test]
fn a_session_that_has_ended_meanwhile_is_gone() {
    let lab = Lab::at_once();
    let (_, handles) = handles(&lab, 1);
    add_one(&handles[0]);
    lab.store.evict(handles[0].key().unwrap());
    assert!(matches!(commit(&handles[0]), Err(Error::Gone)));
    assert!(lab.store.keys().is_empty());
}

#[test]
fn what_may_have_been_kept_at_once_is_never_replayed() {
    let faults =
        [(Fault::UnknownLanded, 1), (Fault::UnknownLost, 0), (Fault::LandsLate, 1), (Fault::Panic, 0)];
    for (fault, kept) in faults {
        let lab = Lab::at_once();
        let (cookie, handles) = handles(&lab, 1);
        let session = &handles[0];
        lab.store.script([fault]);
        add_one(session);
        assert!(commit(session).unwrap_err().is_unknown());
        assert!(!session.has_changes());
        assert_eq!(session.get::<u64>("count").unwrap(), Some(0));
        commit(session).unwrap();
        assert_eq!(lab.count(&cookie), Some(kept));
        add_one(session);
        commit(session).unwrap();
        assert_eq!(lab.count(&cookie), Some(kept + 1));
    }
}

#[test]
fn what_certainly_failed_at_once_waits_for_the_next_commit() {
    let lab = Lab::at_once();
    let (cookie, handles) = handles(&lab, 1);
    let session = &handles[0];
    lab.store.script([Fault::NotApplied]);
    add_one(session);
    assert!(matches!(session.finish_at_once(), Some(Err(Error::Backend { .. }))));
    assert!(session.has_changes());
    add_one(session);
    assert_eq!(session.get::<u64>("count").unwrap(), Some(2));
    commit(session).unwrap();
    assert_eq!(lab.count(&cookie), Some(2));
}

#[test]
fn only_a_store_that_answers_at_once_is_asked_so() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let loads = lab.store.calls().loads;
    assert!(lab.sessions.open_at_once(&[&cookie], None).is_none());
    assert_eq!(lab.store.calls().loads, loads);

    let session = lab.open(&cookie);
    add_one(&session);
    let saves = lab.store.calls().saves;
    assert!(session.finish_at_once().is_none());
    assert_eq!((lab.store.calls().saves, session.has_changes()), (saves, true));
}

/// Looks at the handle when the closure that holds it is dropped.
struct Looks(Arc<OnceLock<Session>>);

impl Drop for Looks {
    fn drop(&mut self) {
        assert!(self.0.get().unwrap().contains("count"));
    }
}

#[test]
fn what_closures_hold_is_dropped_when_the_handle_is_not_locked() {
    for fault in [Fault::None, Fault::UnknownLost] {
        let lab = Lab::at_once();
        let (_, handles) = handles(&lab, 1);
        let (session, place) = (&handles[0], Arc::default());
        let looks = Looks(Arc::clone(&place));
        assert!(place.set(session.clone()).is_ok());
        let change = move |count: &mut u64| {
            let _held = &looks;
            *count += 1;
        };
        session.update("count", change).unwrap();
        lab.store.script([fault]);
        drop(commit(session));
        assert!(!session.has_changes());
    }
}

/// How many increments there are in all.
const INCREMENTS: u32 = 2_000;

/// Two threads share a handle, two have one each.
#[test]
fn threads_on_a_store_in_memory_lose_nothing_and_double_nothing() {
    let sessions = Sessions::new(MemoryStore::new(), Config::default()).unwrap();
    let open = |cookie: &str| sessions.open_at_once(&[cookie], None).unwrap().unwrap();
    let first = open("");
    first.insert("log", &[0_u32; 0]).unwrap();
    let cookie = finish(&first);
    let cloned = open(&cookie);
    let handles = [cloned.clone(), cloned, open(&cookie), open(&cookie)];
    std::thread::scope(|scope| {
        for (first, handle) in (0..4).zip(&handles) {
            scope.spawn(move || {
                for id in (first..INCREMENTS).step_by(4) {
                    append(handle, id);
                    commit(handle).unwrap();
                }
            });
        }
    });
    let log: Vec<u32> = open(&cookie).get("log").unwrap().unwrap();
    let once: BTreeSet<u32> = log.iter().copied().collect();
    assert_eq!((log.len(), once.len()), (INCREMENTS as usize, INCREMENTS as usize));
}
