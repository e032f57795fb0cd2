//! Handles that interleave at random do what a plain map does, one commit after the other.

use std::collections::BTreeMap;

use proptest::prelude::*;
use session_core::{Error, Session};

use crate::support::{Lab, commit, cookie_of};

/// What a handle wants to change.
#[derive(Clone, Debug)]
enum Change {
    Insert(&'static str, u64),
    Remove(&'static str),
    Add(&'static str, u64),
    Take(&'static str, Option<u64>),
    Clear,
}

#[derive(Clone, Debug)]
enum Step {
    Open(usize),
    Change(usize, Change),
    Commit(usize),
    Discard(usize),
    Rotate(usize),
}

type Values = BTreeMap<String, u64>;

fn change() -> impl Strategy<Value = Change> {
    let name = prop::sample::select(vec!["a", "b", "c"]);
    prop_oneof![
        (name.clone(), 0..5_u64).prop_map(|(name, value)| Change::Insert(name, value)),
        name.clone().prop_map(Change::Remove),
        (name.clone(), 1..5_u64).prop_map(|(name, by)| Change::Add(name, by)),
        name.prop_map(|name| Change::Take(name, None)),
        Just(Change::Clear),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let handle = 0..3_usize;
    prop_oneof![
        1 => handle.clone().prop_map(Step::Open),
        5 => (handle.clone(), change()).prop_map(|(handle, change)| Step::Change(handle, change)),
        3 => handle.clone().prop_map(Step::Commit),
        1 => handle.clone().prop_map(Step::Discard),
        1 => handle.prop_map(Step::Rotate),
    ]
}

/// Makes `change` through a handle, and returns it as it must be replayed.
fn make(session: &Session, change: Change) -> Change {
    match change.clone() {
        Change::Insert(name, value) => session.insert(name, &value).unwrap(),
        Change::Remove(name) => session.remove(name),
        Change::Add(name, by) => session.update(name, move |value: &mut u64| *value += by).unwrap(),
        Change::Take(name, _) => return Change::Take(name, session.take(name).unwrap()),
        Change::Clear => session.clear(),
    }
    change
}

fn replay(values: &mut Values, change: &Change) {
    match *change {
        Change::Insert(name, value) => drop(values.insert(name.into(), value)),
        Change::Remove(name) => drop(values.remove(name)),
        Change::Add(name, by) => *values.entry(name.into()).or_default() += by,
        Change::Take(name, taken) if values.get(name).copied() == taken => drop(values.remove(name)),
        Change::Take(..) => {}
        Change::Clear => values.clear(),
    }
}

fn read(session: &Session) -> Values {
    let value = |name: &String| session.get(name).unwrap().unwrap();
    session.names().into_iter().map(|name| (name.clone(), value(&name))).collect()
}

/// A handle beside what it should read, and what it wants to change.
struct Modelled {
    session: Session,
    reads: Values,
    changes: Vec<Change>,
    /// Whether the next commit has anything to do.
    committing: bool,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn interleaved_handles_keep_what_a_map_keeps(steps in prop::collection::vec(step(), 1..80)) {
        let lab = Lab::new();
        let mut cookie = lab.visitor();
        let open = |cookie: &str, kept: &Values| Modelled { session: lab.open(cookie), reads: kept.clone(), changes: vec![], committing: false };
        let mut kept = Values::from([("count".into(), 0)]);
        let mut handles: Vec<_> = (0..3).map(|_| open(&cookie, &kept)).collect();
        for step in steps {
            match step {
                Step::Open(index) => {
                    handles[index].session.discard();
                    handles[index] = open(&cookie, &kept);
                }
                Step::Change(index, change) => {
                    let handle = &mut handles[index];
                    let change = make(&handle.session, change);
                    replay(&mut handle.reads, &change);
                    // Where there was nothing to take, nothing changes.
                    if !matches!(change, Change::Take(_, None)) {
                        handle.changes.push(change);
                        handle.committing = true;
                    }
                }
                Step::Commit(index) => {
                    let handle = &mut handles[index];
                    let before = handle.session.cookie();
                    commit(&handle.session).unwrap();
                    let after = handle.session.cookie();
                    if after != before {
                        cookie = cookie_of(&after);
                    }
                    std::mem::take(&mut handle.changes).iter().for_each(|change| replay(&mut kept, change));
                    // A commit without changes may still note that the session is in use, and then reads it anew.
                    let reads = read(&handle.session);
                    prop_assert!(reads == kept || (!handle.committing && reads == handle.reads));
                    handle.reads = reads;
                    handle.committing = false;
                }
                Step::Discard(index) => {
                    let handle = &mut handles[index];
                    handle.session.discard();
                    handle.changes.clear();
                    handle.committing = false;
                    handle.reads = read(&handle.session);
                }
                Step::Rotate(index) => {
                    handles[index].session.rotate();
                    handles[index].committing = true;
                }
            }
            for handle in &handles {
                prop_assert_eq!(read(&handle.session), handle.reads.clone());
            }
        }
        for handle in &handles {
            handle.session.discard();
        }
        prop_assert_eq!(read(&lab.open(&cookie)), kept);
    }
}

#[test]
fn whoever_meets_the_kill_is_told_and_nothing_comes_back() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let [key] = lab.store.keys().try_into().unwrap();
    let handles: Vec<_> = (0..8).map(|_| lab.open(&cookie)).collect();
    let killing = lab.other_process().open(&cookie);
    std::thread::scope(|scope| {
        for (index, session) in handles.iter().enumerate() {
            scope.spawn(move || {
                for _ in 0..50 {
                    session.update("count", |count: &mut u64| *count += 1).unwrap();
                    if index == 0 {
                        session.rotate();
                    }
                    match commit(session) {
                        Ok(()) => {}
                        Err(Error::Gone) => return,
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
        killing.kill();
        commit(&killing).unwrap();
    });
    assert_eq!(lab.store.stored(key), None);
}
