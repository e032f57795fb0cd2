//! The checker on histories that are known to be good or bad, and against every order there is.

mod every_order;

use session_core::{Expect, Record, Revision, Stored, Timestamp};

use crate::{
    checks::Answer,
    linearize::{Action, Operation, Reply, linearize, search::linearize_within, verdict::Verdict},
};

const NOW: Timestamp = Timestamp::from_millis(1_000);

fn revision(number: i64) -> Revision {
    Revision::from_i64(number).unwrap()
}

fn record(data: u8) -> Record {
    let expires_at = Timestamp::from_millis(2_000);
    Record { data: vec![data].into(), accessed_at: NOW, expires_at, owner: None }
}

fn loaded(data: u8, at: i64) -> Reply {
    Reply::Loaded(Some(Stored { record: record(data), revision: revision(at) }))
}

const LOAD: Action = Action::Load { now: NOW };

fn create(data: u8) -> Action {
    Action::Save { record: record(data), expect: Expect::Absent, now: NOW }
}

fn save(data: u8, at: i64) -> Action {
    Action::Save { record: record(data), expect: Expect::Revision(revision(at)), now: NOW }
}

fn touch(at: i64, expires_at: i64) -> Action {
    let expires_at = Timestamp::from_millis(expires_at);
    Action::Touch { expect: revision(at), accessed_at: NOW, expires_at, now: NOW }
}

fn wrote(at: i64) -> Reply {
    Reply::Wrote(revision(at))
}

/// Calls with their first and last instants.
type Calls = Vec<(u64, u64, Action, Reply)>;

fn history(calls: Calls) -> Vec<Operation> {
    let operation = |(called, ended, action, reply)| Operation { action, reply, called, ended };
    calls.into_iter().map(operation).collect()
}

fn is_good(calls: Calls) {
    let verdict = linearize(&history(calls));
    assert_eq!(verdict, Verdict::Linearizable);
}

fn is_bad(calls: Calls) {
    let verdict = linearize(&history(calls));
    assert!(matches!(verdict, Verdict::Violated(_)), "{verdict:?}");
}

#[test]
fn calls_one_after_the_other_are_judged_as_the_contract_says() {
    let begin = vec![(0, 1, create(1), wrote(7)), (2, 3, save(2, 7), wrote(8))];
    let with = |action: &Action, reply| [begin.clone(), vec![(4, 5, action.clone(), reply)]].concat();
    is_good(with(&LOAD, loaded(2, 8)));
    is_good(with(&save(3, 7), Reply::Refused(Answer::Conflict)));
    is_good(with(&create(3), Reply::Refused(Answer::Exists)));
    is_good(with(&touch(8, 3_000), wrote(9)));
    is_bad(with(&LOAD, loaded(1, 7)));
    is_bad(with(&LOAD, loaded(2, 7)));
    is_bad(with(&LOAD, Reply::Loaded(None)));
    is_bad(with(&save(3, 7), wrote(8)));
    is_bad(with(&save(3, 8), Reply::Refused(Answer::Conflict)));
    is_bad(with(&save(3, 8), wrote(10)));
    is_bad(with(&create(3), wrote(20)));
    is_bad(with(&touch(8, 3_000), Reply::Refused(Answer::Missing)));
    is_bad(with(&Action::Delete, Reply::Refused(Answer::Other)));
}

#[test]
fn a_dead_session_is_absent_for_all_but_a_creation_and_a_sweep() {
    let late = Timestamp::from_millis(2_000);
    let begin = vec![(0, 1, create(1), wrote(7))];
    let with = |action: &Action, reply| [begin.clone(), vec![(2, 3, action.clone(), reply)]].concat();
    let create_late = Action::Save { record: record(2), expect: Expect::Absent, now: late };
    is_good(with(&Action::Load { now: late }, Reply::Loaded(None)));
    is_bad(with(&Action::Load { now: late }, loaded(1, 7)));
    is_good(with(&create_late, Reply::Refused(Answer::Exists)));
    is_bad(with(&create_late, wrote(20)));
    is_good(with(&Action::Sweep { now: late }, Reply::Swept(true)));
    is_bad(with(&Action::Sweep { now: NOW }, Reply::Swept(true)));
    let swept =
        [with(&Action::Sweep { now: late }, Reply::Swept(true)), vec![(4, 5, create_late, wrote(20))]];
    is_good(swept.concat());
}

#[test]
fn concurrent_calls_come_in_any_order_and_others_do_not() {
    let racing = |called| {
        vec![
            (0, 1, create(1), wrote(7)),
            (2, 5, save(2, 7), wrote(8)),
            (called, 6, LOAD, loaded(1, 7)),
            (7, 8, LOAD, loaded(2, 8)),
        ]
    };
    is_good(racing(3));
    is_bad(racing(6));
    // Two loads one after the other must not see a write come and go.
    is_bad(vec![
        (0, 1, create(1), wrote(7)),
        (2, 9, save(2, 7), wrote(8)),
        (3, 4, LOAD, loaded(2, 8)),
        (5, 6, LOAD, loaded(1, 7)),
    ]);
}

#[test]
fn of_two_writers_at_one_revision_one_is_refused() {
    let two =
        |reply| vec![(0, 1, create(1), wrote(7)), (2, 4, save(2, 7), wrote(8)), (3, 5, save(3, 7), reply)];
    is_good(two(Reply::Refused(Answer::Conflict)));
    is_bad(two(wrote(8)));
}

#[test]
fn a_session_stays_deleted() {
    let deleted = |reply| {
        vec![
            (0, 1, create(1), wrote(7)),
            (2, 5, save(2, 7), wrote(8)),
            (3, 4, Action::Delete, Reply::Deleted),
            (6, 7, LOAD, reply),
        ]
    };
    is_good(deleted(Reply::Loaded(None)));
    is_bad(deleted(loaded(2, 8)));
}

#[test]
fn an_unknown_write_lands_once_at_any_time_or_never() {
    let unknown = |first, second| {
        vec![
            (0, 1, create(1), wrote(7)),
            (2, 3, save(2, 7), Reply::Unknown),
            (4, 5, LOAD, first),
            (6, 7, LOAD, second),
        ]
    };
    is_good(unknown(loaded(1, 7), loaded(1, 7)));
    is_good(unknown(loaded(1, 7), loaded(2, 8)));
    is_good(unknown(loaded(2, 8), loaded(2, 8)));
    is_bad(unknown(loaded(2, 8), loaded(1, 7)));
    is_bad(unknown(loaded(1, 7), loaded(2, 9)));
}

#[test]
fn an_unknown_creation_has_the_revision_that_is_found() {
    let created =
        |second| vec![(0, 1, create(1), Reply::Unknown), (2, 3, LOAD, loaded(1, 40)), (4, 5, LOAD, second)];
    is_good(created(loaded(1, 40)));
    is_bad(created(loaded(1, 41)));
}

#[test]
fn a_dropped_write_does_not_land_after_a_later_acknowledged_one() {
    let revived = |reply| {
        vec![(0, 1, create(1), reply), (2, 3, Action::Delete, Reply::Deleted), (4, 5, LOAD, loaded(1, 7))]
    };
    is_bad(revived(Reply::Dropped));
    is_good(revived(Reply::Unknown));
    let overlapping = vec![
        (0, 3, create(1), Reply::Dropped),
        (2, 4, Action::Delete, Reply::Deleted),
        (5, 6, LOAD, loaded(1, 7)),
    ];
    is_good(overlapping);
}

#[test]
fn a_sweep_of_many_deletes_while_it_runs() {
    let late = Timestamp::from_millis(2_000);
    let swept = |called, ended| {
        vec![
            (0, 1, create(1), wrote(7)),
            (called, ended, Action::Sweep { now: late }, Reply::PerhapsGone),
            (4, 5, LOAD, loaded(1, 7)),
            (8, 9, LOAD, Reply::Loaded(None)),
        ]
    };
    is_good(swept(2, 7));
    is_bad(swept(2, 3));
}

#[test]
fn a_dropped_sweep_may_go_on_and_deletes_what_is_dead_at_its_time() {
    let late = Timestamp::from_millis(2_000);
    let swept = |now| {
        vec![
            (0, 1, Action::Sweep { now }, Reply::Dropped),
            (2, 3, create(1), wrote(7)),
            (4, 5, LOAD, Reply::Loaded(None)),
            (6, 7, create(2), wrote(9)),
            (8, 9, LOAD, Reply::Loaded(None)),
        ]
    };
    is_good(swept(late));
    is_bad(swept(Timestamp::from_millis(1_999)));
}

#[test]
fn a_search_that_is_given_up_is_not_a_verdict() {
    // Which of the lost saves came first is known only in the end, when no order fits.
    let lost = (2..22).map(|data| (2, 3, save(data, 7), Reply::Unknown));
    let begin = [(0, 1, create(1), wrote(7))].into_iter();
    let bad = history(begin.chain(lost).chain([(4, 5, LOAD, loaded(99, 8))]).collect());
    assert_eq!(linearize_within(&bad, 5), Verdict::Undecided);
    assert!(matches!(linearize(&bad), Verdict::Violated(_)));
}

/// Of lost deletes, each may have landed anywhere: an order is found, or there is none, all the same.
#[test]
fn many_lost_deletes_are_no_reason_to_give_up() {
    let mut calls = Vec::new();
    for round in 0..40_u64 {
        let (at, revision) = (10 * round, 100 * i64::try_from(round).unwrap() + 7);
        calls.push((at, at + 1, Action::Delete, Reply::Unknown));
        calls.push((at + 2, at + 3, create(1), wrote(revision)));
        calls.push((at + 4, at + 5, save(2, revision), wrote(revision + 1)));
        calls.push((at + 6, at + 7, Action::Delete, Reply::Unknown));
    }
    is_good(calls.clone());
    calls.push((1_000, 1_001, LOAD, loaded(1, 7)));
    is_bad(calls);
}
