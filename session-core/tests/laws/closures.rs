//! Closures of `update` that use the session they belong to.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use session_core::{Error, Session};

use crate::support::{Fault, Lab, add_one, commit, finish, handles};

/// Runs something when it is dropped.
struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Lets an update wait whose closure uses the session once more when it is dropped, and returns how often it did.
fn update_that_looks_when_dropped(session: &Session) -> Arc<AtomicUsize> {
    let (inside, looks) = (session.clone(), Arc::new(AtomicUsize::new(0)));
    let counted = looks.clone();
    let captured = OnDrop(move || {
        inside.add_to("looked");
        counted.fetch_add(1, Ordering::SeqCst);
    });
    session
        .update("n", move |n: &mut u64| {
            let _captured = &captured;
            *n += 1;
        })
        .unwrap();
    looks
}

trait AddTo {
    fn add_to(&self, name: &str);
}

impl AddTo for Session {
    fn add_to(&self, name: &str) {
        self.insert(name, &true).unwrap();
    }
}

#[test]
fn what_a_closure_has_captured_may_use_the_session_when_it_is_dropped() {
    type Way = fn(&Lab, &Session);
    let ways: [(&str, Way); 5] = [
        ("kill", |_, session| session.kill()),
        ("discard", |_, session| session.discard()),
        ("a login of another owner", |_, session| {
            session.login("bob").unwrap();
        }),
        ("a commit without an effect", |_, session| {
            session.remove("n");
            commit(session).unwrap();
        }),
        ("a commit of a session that has ended", |lab, session| {
            lab.store.evict(session.key().unwrap());
            assert!(matches!(commit(session), Err(Error::Gone)));
            update_that_looks_when_dropped(session);
            assert!(matches!(commit(session), Err(Error::Gone)));
        }),
    ];
    for (name, way) in ways {
        let (done, ended) = mpsc::channel();
        thread::spawn(move || {
            let lab = Lab::new();
            let new = name == "a commit without an effect";
            let session = lab.open(&if new { String::new() } else { lab.user("ada") });
            let looks = update_that_looks_when_dropped(&session);
            way(&lab, &session);
            session.discard();
            done.send(looks.load(Ordering::SeqCst)).unwrap();
        });
        // A lock that is taken twice waits for ever.
        assert_eq!(ended.recv_timeout(Duration::from_secs(60)), Ok(1), "{name}");
    }
}

#[test]
fn a_login_is_one_step_with_the_kill_of_the_former_owners_session() {
    let lab = Lab::new();
    let session = lab.open(&lab.user("ada"));
    // The first thing that can come between is what the kill lets go of.
    let inside = session.clone();
    let captured = OnDrop(move || {
        inside.login("eve").unwrap();
        inside.insert("of eve", &true).unwrap();
    });
    session
        .update("n", move |n: &mut u64| {
            let _captured = &captured;
            *n += 1;
        })
        .unwrap();
    session.login("bob").unwrap();
    assert_eq!(session.owner().unwrap().as_str(), "eve", "hers was the later login");
    let cookie = finish(&session);
    let kept = lab.open(&cookie);
    assert_eq!(
        (kept.owner().unwrap().as_str(), kept.names().as_slice()),
        ("eve", &["of eve".to_owned()][..])
    );
}

#[test]
fn an_update_that_changes_a_session_is_refused() {
    type Change = fn(&Session);
    let changes: [Change; 8] = [
        |session| session.insert("other", &1).unwrap(),
        |session| session.insert("count", &1).unwrap(),
        |session| add_one(session),
        |session| session.remove("other"),
        |session| session.clear(),
        |session| session.rotate(),
        |session| session.kill(),
        |session| session.login("ada").unwrap(),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let lab = Lab::new();
        let session = lab.open(&lab.visitor());
        let inside = session.clone();
        let refused = session.update("count", move |count: &mut u64| {
            change(&inside);
            *count += 1;
        });
        assert!(matches!(refused, Err(Error::Nested { name }) if name == "count"), "{number}");
        session.discard();
        session.update("count", |count: &mut u64| *count += 1).unwrap();
        session.discard();
    }
}

#[test]
fn an_update_that_changes_its_session_when_it_is_replayed_fails_its_commit_and_nothing_loops() {
    for fault in [Fault::None, Fault::NotApplied] {
        let lab = Lab::new();
        let (cookie, handles) = handles(&lab, 1);
        let [session] = handles.try_into().unwrap();
        // What nobody else has changed is not replayed.
        let (inside, runs) = (session.clone(), AtomicUsize::new(0));
        session
            .update("count", move |count: &mut u64| {
                if runs.fetch_add(1, Ordering::SeqCst) > 0 {
                    inside.insert("other", &1).unwrap();
                }
                *count += 1;
            })
            .unwrap();
        lab.store.script([Fault::Conflict, fault]);
        assert!(matches!(commit(&session), Err(Error::Nested { name }) if name == "count"));
        session.discard();
        commit(&session).unwrap();
        assert_eq!(lab.count(&cookie), Some(0));
    }
}
