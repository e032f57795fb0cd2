//! What a store that fails costs, and whom.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use session_core::Error;

use crate::support::{Fault, Gate, Lab, NOON, add_one, commit, finish, finish_quietly, handles, poll_once};

#[test]
fn a_list_that_answered_unknown_is_never_replayed() {
    for (fault, kept) in [(Fault::UnknownLanded, 1), (Fault::UnknownLost, 0), (Fault::LandsLate, 1)] {
        let lab = Lab::new();
        let (cookie, handles) = handles(&lab, 1);
        let [session] = handles.try_into().unwrap();
        lab.store.script([fault]);
        add_one(&session);
        assert!(commit(&session).unwrap_err().is_unknown());
        commit(&session).unwrap();
        assert_eq!(lab.count(&cookie), Some(kept));
    }
}

#[test]
fn an_unknown_first_save_is_tried_again_under_another_key() {
    for fault in [Fault::UnknownLanded, Fault::UnknownLost, Fault::LandsLate] {
        let lab = Lab::new();
        lab.store.script([fault]);
        let session = lab.open("");
        add_one(&session);
        let cookie = finish(&session);
        assert_eq!(lab.count(&cookie), Some(1));
    }
}

#[test]
fn three_keys_that_exist_already_are_an_error() {
    let lab = Lab::new();
    lab.store.script([Fault::Exists, Fault::Exists]);
    let session = lab.open("");
    add_one(&session);
    finish(&session);

    lab.store.script([Fault::Exists, Fault::Exists, Fault::Exists]);
    let session = lab.open("");
    add_one(&session);
    assert!(matches!(commit(&session), Err(Error::Exists)));
    assert_eq!(lab.store.keys().len(), 1);
}

#[test]
fn what_certainly_failed_waits_for_the_next_commit() {
    let lab = Lab::new();
    let (cookie, handles) = handles(&lab, 1);
    let [session] = handles.try_into().unwrap();
    lab.store.script([Fault::NotApplied]);
    add_one(&session);
    assert!(commit(&session).is_err());
    assert_eq!(session.get::<u64>("count").unwrap(), Some(1));
    add_one(&session);
    commit(&session).unwrap();
    assert_eq!(lab.count(&cookie), Some(2));
}

#[test]
fn conflicts_are_replayed_a_thousand_times_and_then_answered() {
    let lab = Lab::new();
    let (cookie, handles) = handles(&lab, 2);
    let [session, hopeless] = handles.try_into().unwrap();
    lab.store.script(vec![Fault::Conflict; 1_000]);
    add_one(&session);
    commit(&session).unwrap();
    assert_eq!(lab.count(&cookie), Some(1));

    lab.store.script(vec![Fault::Conflict; 1_001]);
    add_one(&hopeless);
    assert!(matches!(commit(&hopeless), Err(Error::Conflict)));
    commit(&hopeless).unwrap();
    assert_eq!(lab.count(&cookie), Some(2));
}

#[test]
fn a_load_that_fails_during_a_replay_is_no_missing_session() {
    let lab = Lab::new();
    let (cookie, handles) = handles(&lab, 1);
    let [session] = handles.try_into().unwrap();
    lab.store.script([Fault::Conflict]);
    lab.store.fail_loads(1);
    add_one(&session);
    assert!(matches!(commit(&session), Err(Error::Backend { .. })));
    commit(&session).unwrap();
    assert_eq!(lab.count(&cookie), Some(1));
}

#[test]
fn a_use_that_cannot_be_noted_is_no_error_and_is_noted_later() {
    let lab = Lab::new();
    let (cookie, handles) = handles(&lab, 1);
    let [session] = handles.try_into().unwrap();
    lab.advance(Duration::from_secs(90));
    lab.store.fail_touches(1);
    finish_quietly(&session);
    assert_eq!(lab.store.calls().touches, 1);
    let key = session.key().unwrap();
    assert_eq!(lab.store.stored(key).unwrap().record.accessed_at, NOON);
    finish_quietly(&session);
    assert_eq!(lab.store.stored(key).unwrap().record.accessed_at, lab.now());

    lab.advance(Duration::from_secs(90));
    lab.store.script([Fault::NotApplied]);
    add_one(&session);
    assert!(matches!(commit(&session), Err(Error::Backend { .. })), "what is changed is never lost quietly");
    commit(&session).unwrap();
    assert_eq!(lab.count(&cookie), Some(1));
}

#[test]
fn what_fails_in_one_list_fails_its_owner_only() {
    let lab = Lab::new();
    let (cookie, handles) = handles(&lab, 6);
    let [blocker, panicking, mistyped, large, before, after] = handles.try_into().unwrap();
    let gate = Gate::default();
    lab.store.script([Fault::Wait(gate.clone())]);
    add_one(&blocker);
    add_one(&before);
    // Both run well on what they were written against, and not on what is there at the replay.
    let runs = Arc::new(AtomicUsize::new(0));
    panicking
        .update("count", move |count: &mut u64| {
            assert_eq!(runs.fetch_add(1, Ordering::SeqCst), 0, "runs once only");
            *count += 100;
        })
        .unwrap();
    mistyped.insert("theme", "dark").unwrap();
    mistyped.update("text", |text: &mut String| text.push('x')).unwrap();
    before.insert("text", &7).unwrap();
    large.insert("large", &"x".repeat(70_000)).unwrap();
    add_one(&after);

    let order = [&blocker, &before, &panicking, &mistyped, &large, &after];
    let mut commits = order.map(|session| Box::pin(session.commit()));
    assert!(commits.iter_mut().all(|commit| poll_once(commit).is_none()));
    gate.open();
    let outcomes = commits.each_mut().map(|commit| poll_once(commit).unwrap());
    let [Ok(()), Ok(()), Err(panicked), Err(type_error), Err(too_large), Ok(())] = outcomes else {
        panic!("unexpected: {outcomes:?}")
    };
    assert!(matches!(panicked, Error::Panicked { name } if name == "count"));
    assert!(matches!(type_error, Error::Type { name, .. } if name == "text"));
    assert!(matches!(too_large, Error::TooLarge { size, max: 65_536 } if size > 70_000));
    let session = lab.open(&cookie);
    assert_eq!(session.names(), ["count", "text"]);
    assert_eq!(session.get::<u64>("count").unwrap(), Some(3));
    for session in [&panicking, &mistyped, &large] {
        session.discard();
        finish_quietly(session);
    }
}

#[test]
fn a_store_that_panics_answers_unknown_to_all_and_works_on() {
    let lab = Lab::new();
    let (cookie, handles) = handles(&lab, 1);
    let [session] = handles.try_into().unwrap();
    lab.store.script([Fault::Panic]);
    add_one(&session);
    assert!(commit(&session).unwrap_err().is_unknown());
    add_one(&session);
    commit(&session).unwrap();
    assert_eq!(lab.count(&cookie), Some(1));
}

#[test]
fn a_failed_list_that_two_commits_waited_for_is_taken_back_once() {
    let lab = Lab::new();
    let (cookie, handles) = handles(&lab, 1);
    let [session] = handles.try_into().unwrap();
    let gate = Gate::default();
    lab.store.script([Fault::WaitAndRefuse(gate.clone())]);
    add_one(&session);
    let (mut one, mut two) = (Box::pin(session.commit()), Box::pin(session.commit()));
    assert!(poll_once(&mut one).is_none());
    assert!(poll_once(&mut two).is_none());
    gate.open();
    assert!(poll_once(&mut one).unwrap().is_err());
    assert!(poll_once(&mut two).unwrap().is_err());
    commit(&session).unwrap();
    assert_eq!(lab.count(&cookie), Some(1));
}
