//! Commits that meet: every change once, whoever is dropped, idle or panicking.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use session_core::{Error, Session};

use crate::support::{Fault, Gate, Lab, add_one, commit, finish, finish_quietly, poll_once};

/// Opens `count` handles on a visitor's session.
fn handles(lab: &Lab, count: usize) -> (String, Vec<Session>) {
    let cookie = lab.visitor();
    let handles = (0..count).map(|_| lab.open(&cookie)).collect();
    (cookie, handles)
}

#[test]
fn commits_that_wait_share_one_save_and_each_reads_its_own_count() {
    let lab = Lab::new();
    let (cookie, handles) = handles(&lab, 64);
    let gate = Gate::default();
    let saves = lab.store.calls().saves;
    lab.store.script([Fault::Wait(gate.clone())]);
    handles.iter().for_each(add_one);
    let mut commits: Vec<_> = handles.iter().map(|handle| Box::pin(handle.commit())).collect();
    assert!(commits.iter_mut().all(|commit| poll_once(commit).is_none()));
    gate.open();
    assert!(commits.iter_mut().all(|commit| matches!(poll_once(commit), Some(Ok(())))));

    assert_eq!(lab.store.calls().saves - saves, 2);
    let mut counts: Vec<u64> = handles.iter().map(|handle| handle.get("count").unwrap().unwrap()).collect();
    counts.sort_unstable();
    assert_eq!(counts, (1..=64).collect::<Vec<_>>());
    assert_eq!(lab.count(&cookie), Some(64));
}

#[test]
fn increments_from_threads_and_processes_add_up() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let other = lab.other_process();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let lab = if thread % 2 == 0 { &lab } else { &other };
            let cookie = &cookie;
            scope.spawn(move || {
                for _ in 0..250 {
                    let session = lab.open(cookie);
                    add_one(&session);
                    commit(&session).unwrap();
                }
            });
        }
    });
    assert_eq!(lab.count(&cookie), Some(2_000));
}

#[test]
fn a_dropped_commit_that_waited_in_line_has_kept_nothing_and_a_later_one_keeps_it_once() {
    let lab = Lab::new();
    let (cookie, handles) = handles(&lab, 2);
    let [first, dropped] = handles.try_into().unwrap();
    let gate = Gate::default();
    lab.store.script([Fault::Wait(gate.clone())]);
    add_one(&first);
    add_one(&dropped);
    let mut saving = Box::pin(first.commit());
    assert!(poll_once(&mut saving).is_none());
    {
        let mut waiting = Box::pin(dropped.commit());
        assert!(poll_once(&mut waiting).is_none());
    }
    gate.open();
    assert!(poll_once(&mut saving).unwrap().is_ok());
    assert_eq!(lab.count(&cookie), Some(1));
    commit(&dropped).unwrap();
    commit(&dropped).unwrap();
    assert_eq!(lab.count(&cookie), Some(2));
}

#[test]
fn the_round_goes_on_when_the_one_who_began_it_is_dropped() {
    let lab = Lab::new();
    let (cookie, handles) = handles(&lab, 3);
    let [blocker, leader, other] = handles.try_into().unwrap();
    let (first, second) = (Gate::default(), Gate::default());
    lab.store.script([Fault::Wait(first.clone()), Fault::Wait(second.clone())]);
    [&blocker, &leader, &other].into_iter().for_each(add_one);
    let mut blocking = Box::pin(blocker.commit());
    let mut leading = Box::pin(leader.commit());
    let mut following = Box::pin(other.commit());
    assert!(poll_once(&mut blocking).is_none());
    assert!(poll_once(&mut leading).is_none());
    assert!(poll_once(&mut following).is_none());
    first.open();
    assert!(poll_once(&mut blocking).unwrap().is_ok());
    assert!(poll_once(&mut leading).is_none());
    drop(leading);
    second.open();
    assert!(poll_once(&mut following).unwrap().is_ok());
    // What the dropped one wanted was saved with the other's, once.
    assert_eq!(lab.count(&cookie), Some(3));
    commit(&leader).unwrap();
    assert_eq!(lab.count(&cookie), Some(3));
    assert_eq!(leader.get::<u64>("count").unwrap(), Some(2));
}

#[test]
fn the_round_goes_on_when_the_one_who_began_it_is_not_polled() {
    let lab = Lab::new();
    let (cookie, handles) = handles(&lab, 3);
    let [idle, in_the_round, in_line] = handles.try_into().unwrap();
    let gate = Gate::default();
    lab.store.script([Fault::Wait(gate.clone())]);
    [&idle, &in_the_round, &in_line].into_iter().for_each(add_one);
    let mut idling = Box::pin(idle.commit());
    assert!(poll_once(&mut idling).is_none());
    let threads = [in_the_round, in_line].map(|session| std::thread::spawn(move || commit(&session)));
    gate.open();
    for thread in threads {
        thread.join().unwrap().unwrap();
    }
    assert_eq!(lab.count(&cookie), Some(3));
    assert!(poll_once(&mut idling).unwrap().is_ok());
    assert_eq!(idle.get::<u64>("count").unwrap(), Some(1));
}

#[test]
fn a_save_that_everybody_dropped_is_never_replayed() {
    let lab = Lab::new();
    for after in [false, true] {
        let (cookie, handles) = handles(&lab, 1);
        let [session] = handles.try_into().unwrap();
        let gate = Gate::default();
        lab.store.script([if after { Fault::WaitAfter(gate.clone()) } else { Fault::Wait(gate.clone()) }]);
        add_one(&session);
        assert!(poll_once(&mut Box::pin(session.commit())).is_none());
        gate.open();
        assert!(commit(&session).unwrap_err().is_unknown());
        assert_eq!(lab.count(&cookie), Some(u64::from(after)));
        // The handle works on.
        add_one(&session);
        commit(&session).unwrap();
        assert_eq!(lab.count(&cookie), Some(1 + u64::from(after)));
    }
}

#[test]
fn a_dropped_first_save_is_tried_again_under_another_key() {
    let lab = Lab::new();
    let gate = Gate::default();
    lab.store.script([Fault::WaitAfter(gate.clone())]);
    let session = lab.open("");
    add_one(&session);
    assert!(poll_once(&mut Box::pin(session.commit())).is_none());
    gate.open();
    let cookie = finish(&session);
    assert_eq!(lab.count(&cookie), Some(1));
    assert_eq!(lab.store.keys().len(), 2, "the lost one opens for nobody");
}

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

#[test]
fn who_waits_in_line_is_called_when_the_round_before_is_dropped() {
    let lab = Lab::new();
    let (cookie, handles) = handles(&lab, 2);
    let [dropped, waiting] = handles.try_into().unwrap();
    let gate = Gate::default();
    lab.store.script([Fault::Wait(gate.clone())]);
    add_one(&dropped);
    add_one(&waiting);
    let mut saving = Box::pin(dropped.commit());
    assert!(poll_once(&mut saving).is_none());
    let thread = std::thread::spawn(move || commit(&waiting));
    while gate.polls() < 2 {
        std::thread::yield_now();
    }
    drop(saving);
    thread.join().unwrap().unwrap();
    assert_eq!(lab.count(&cookie), Some(1));
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
                inside.insert("count", &10).unwrap();
            }
            *count += 1;
        })
        .unwrap();
    assert_eq!(session.get::<u64>("count").unwrap(), Some(11));
    commit(&session).unwrap();
    assert_eq!(lab.count(&cookie), Some(11));
}
