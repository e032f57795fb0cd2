//! Clones of one handle share what it reads and changes.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::{Fault, Gate, Lab, add_one, commit, finish, handles, poll_once};

#[test]
fn clones_of_one_handle_commit_together() {
    let lab = Lab::new();
    let session = lab.open("");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let session = session.clone();
            scope.spawn(move || {
                for _ in 0..100 {
                    add_one(&session);
                    commit(&session).unwrap();
                }
            });
        }
    });
    let cookie = finish(&session);
    assert_eq!(lab.count(&cookie), Some(800));
    assert_eq!(lab.store.keys().len(), 1);
}

#[test]
fn a_closure_may_use_the_session_it_changes() {
    let lab = Lab::new();
    let (cookie, handles) = handles(&lab, 2);
    let [session, other] = handles.try_into().unwrap();
    add_one(&other);
    commit(&other).unwrap();
    let inside = session.clone();
    session
        .update("count", move |count: &mut u64| {
            *count += u64::from(inside.contains("count"));
        })
        .unwrap();
    commit(&session).unwrap();
    assert_eq!(lab.count(&cookie), Some(2));
}

#[test]
fn an_update_that_a_clone_overtakes_runs_again() {
    let lab = Lab::new();
    let (cookie, handles) = handles(&lab, 1);
    let [session] = handles.try_into().unwrap();
    let (inside, runs) = (session.clone(), AtomicUsize::new(0));
    session
        .update("count", move |count: &mut u64| {
            if runs.fetch_add(1, Ordering::SeqCst) == 0 {
                std::thread::scope(|scope| {
                    scope.spawn(|| inside.insert("count", &10).unwrap());
                });
            }
            *count += 1;
        })
        .unwrap();
    assert_eq!(session.get::<u64>("count").unwrap(), Some(11));
    commit(&session).unwrap();
    assert_eq!(lab.count(&cookie), Some(11));
}

#[test]
fn changes_made_while_a_save_is_under_way_are_read_throughout() {
    let lab = Lab::new();
    let (cookie, handles) = handles(&lab, 1);
    let [session] = handles.try_into().unwrap();
    let (first, second) = (Gate::default(), Gate::default());
    lab.store.script([Fault::Wait(first.clone()), Fault::Wait(second.clone())]);
    add_one(&session);
    let (mut one, mut two) = (Box::pin(session.commit()), Box::pin(session.commit()));
    assert!(poll_once(&mut one).is_none());
    assert!(poll_once(&mut two).is_none());
    add_one(&session);
    first.open();
    for commit in [&mut one, &mut two] {
        assert!(poll_once(commit).is_none());
        assert_eq!(session.get::<u64>("count").unwrap(), Some(2));
    }
    second.open();
    assert!(poll_once(&mut one).unwrap().is_ok());
    assert!(poll_once(&mut two).unwrap().is_ok());
    assert_eq!(lab.count(&cookie), Some(2));
}
