//! A faulty store goes wrong exactly as it is told.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use conformance_tests::{Fault, FaultyStore, Gate, Verb};
use pollster::block_on;
use session_core::{Error, Expect, Key, Outcome, Record, Result, Revision, Store, Timestamp};
use store_memory::MemoryStore;

const NOW: Timestamp = Timestamp::from_millis(1_000);
const KEY: Key = Key::from_bytes([7; 16]);

fn faulty(faults: impl IntoIterator<Item = Fault>) -> FaultyStore<MemoryStore> {
    let store = FaultyStore::new(Arc::new(MemoryStore::new()));
    store.script(Verb::Save, faults);
    store
}

fn record() -> Record {
    Record { data: "cart".into(), accessed_at: NOW, expires_at: Timestamp::MAX, owner: None }
}

fn create(store: &impl Store) -> Result<Revision> {
    block_on(store.save(&KEY, &record(), Expect::Absent, NOW))
}

fn is_there(store: &impl Store) -> bool {
    block_on(store.load(&KEY, NOW)).expect("a load succeeds").is_some()
}

fn outcome(answer: &Result<Revision>) -> Option<Outcome> {
    match answer {
        Err(Error::Backend { outcome, .. }) => Some(*outcome),
        _ => None,
    }
}

#[test]
fn a_write_lands_or_is_lost_as_scripted() {
    for (fault, expected, landed) in [
        (Fault::None, None, true),
        (Fault::NotApplied, Some(Outcome::NotApplied), false),
        (Fault::UnknownLanded, Some(Outcome::Unknown), true),
        (Fault::UnknownLost, Some(Outcome::Unknown), false),
    ] {
        let store = faulty([fault.clone()]);
        assert_eq!(outcome(&create(&store)), expected, "{fault:?}");
        assert_eq!(is_there(store.inner()), landed, "{fault:?}");
        assert_eq!(store.calls(Verb::Save), 1);
    }
}

#[test]
fn a_late_write_lands_right_before_its_call() {
    let store = faulty([Fault::LandsLate(1)]);
    assert_eq!(outcome(&create(&store)), Some(Outcome::Unknown));
    assert!(!is_there(&store), "it landed before the first call");
    assert!(!is_there(store.inner()));
    assert!(is_there(&store), "it did not land before the second call");

    let store = faulty([Fault::LandsLate(100)]);
    assert!(create(&store).is_err());
    block_on(store.settle());
    assert!(is_there(store.inner()));
}

#[test]
fn a_held_write_waits_for_its_gate() {
    let (before, after) = (Gate::default(), Gate::default());
    for (fault, gate, landed) in
        [(Fault::HoldBefore(before.clone()), before, false), (Fault::HoldAfter(after.clone()), after, true)]
    {
        let store = faulty([fault]);
        let record = record();
        let mut save = pin!(store.save(&KEY, &record, Expect::Absent, NOW));
        let mut context = Context::from_waker(Waker::noop());
        assert!(save.as_mut().poll(&mut context).is_pending());
        assert_eq!((is_there(store.inner()), gate.arrived()), (landed, 1));
        gate.open();
        assert!(matches!(save.as_mut().poll(&mut context), Poll::Ready(Ok(_))));
        assert!(is_there(store.inner()));
    }
}

#[test]
fn one_seed_is_one_run_of_luck() {
    let run = |seed| {
        let store = FaultyStore::by_chance(Arc::new(MemoryStore::new()), seed, 3);
        let answers: Vec<String> = (0..50_u8)
            .map(|byte| {
                let answer =
                    block_on(store.save(&Key::from_bytes([byte; 16]), &record(), Expect::Absent, NOW));
                answer.map_or_else(|error| error.to_string(), |_| "ok".to_owned())
            })
            .collect();
        store.calm();
        assert!(create(&store).is_ok() || is_there(&store), "a calm store fails");
        answers
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    assert!(run(1).iter().any(|answer| answer != "ok"));
}
