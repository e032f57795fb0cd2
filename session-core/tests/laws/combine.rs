//! Commits that meet: every change once, whoever is dropped, idle or panicking.

use std::{sync::mpsc, thread, time::Duration};

use crate::support::{Fault, Gate, Lab, Wakes, add_one, commit, finish, handles, poll_once};

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
    thread::scope(|scope| {
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
    let threads = [in_the_round, in_line].map(|session| thread::spawn(move || commit(&session)));
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
fn a_save_goes_on_for_the_commit_that_is_left_of_two_of_one_handle() {
    for dropped in 0..2 {
        let lab = Lab::new();
        let (cookie, handles) = handles(&lab, 1);
        let [session] = handles.try_into().unwrap();
        let gate = Gate::default();
        lab.store.script([Fault::Wait(gate.clone())]);
        add_one(&session);
        let mut commits = vec![Box::pin(session.commit()), Box::pin(session.commit())];
        assert!(commits.iter_mut().all(|commit| poll_once(commit).is_none()));
        drop(commits.remove(dropped));
        gate.open();
        let outcome = poll_once(&mut commits[0]);
        assert!(matches!(outcome, Some(Ok(()))), "the commit {dropped} was dropped: {outcome:?}");
        assert_eq!(lab.count(&cookie), Some(1));
    }
}

#[test]
fn a_panic_of_the_store_in_a_shared_round_ends_every_commit_in_it() {
    let (done, ended) = mpsc::channel();
    thread::spawn(move || {
        let lab = Lab::new();
        let (cookie, handles) = handles(&lab, 4);
        let gate = Gate::default();
        lab.store.script([Fault::Wait(gate.clone()), Fault::Panic]);
        handles.iter().for_each(add_one);
        let mut commits: Vec<_> = handles.iter().map(|handle| Box::pin(handle.commit())).collect();
        assert!(commits.iter_mut().all(|commit| poll_once(commit).is_none()));
        gate.open();
        let outcomes: Vec<_> = commits.iter_mut().map(poll_once).collect();
        drop(commits);
        // The line goes on for whoever comes next.
        add_one(&handles[1]);
        commit(&handles[1]).unwrap();
        done.send((outcomes, lab.count(&cookie))).unwrap();
    });
    // Who polls a round that is over again and again waits for ever.
    let (outcomes, count) = ended.recv_timeout(Duration::from_secs(60)).expect("the commits come to an end");
    let [Some(Ok(())), riders @ ..] = &outcomes[..] else { panic!("{outcomes:?}") };
    assert!(riders.iter().all(|rider| matches!(rider, Some(Err(error)) if error.is_unknown())), "{riders:?}");
    assert_eq!(count, Some(2));
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
fn who_waits_in_line_is_called_when_the_round_before_is_dropped() {
    let lab = Lab::new();
    let (cookie, handles) = handles(&lab, 2);
    let [dropped, waiting] = handles.try_into().unwrap();
    lab.store.script([Fault::Wait(Gate::default())]);
    add_one(&dropped);
    add_one(&waiting);
    let mut saving = Box::pin(dropped.commit());
    assert!(poll_once(&mut saving).is_none());
    let (mut in_line, wakes) = (Box::pin(waiting.commit()), Wakes::default());
    assert!(wakes.poll(in_line.as_mut()).is_pending());
    assert_eq!(wakes.count(), 0);
    drop(saving);
    assert_eq!(wakes.count(), 1);
    assert!(poll_once(&mut in_line).unwrap().is_ok());
    assert_eq!(lab.count(&cookie), Some(1));
}
