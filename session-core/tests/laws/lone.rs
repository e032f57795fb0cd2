//! A commit that meets nobody.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

use async_trait::async_trait;
use session_core::{
    Config, CookieChange, Expect, Key, Record, Result, Revision, Session, Sessions, Store, Stored, Timestamp,
};
use store_memory::MemoryStore;

use crate::support::{Lab, Wakes, commit};

#[test]
fn a_commit_that_meets_nobody_keeps_what_the_handle_shows_and_runs_nothing_again() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let (session, runs) = (lab.open(&cookie), Arc::new(AtomicUsize::new(0)));
    for number in 1..=3 {
        let counted = runs.clone();
        session
            .update("count", move |count: &mut u64| {
                counted.fetch_add(1, Ordering::SeqCst);
                *count += 1;
            })
            .unwrap();
        commit(&session).unwrap();
        assert_eq!(session.get::<u64>("count").unwrap(), Some(number));
        assert_eq!(lab.count(&cookie), Some(number));
    }
    assert_eq!(runs.load(Ordering::SeqCst), 3);
}

#[test]
fn a_clone_that_commits_while_the_store_is_asked_waits_for_the_same_save() {
    let store = Asking::default();
    let sessions = Sessions::new(store.clone(), Config::plain_http()).unwrap();
    let first = pollster::block_on(sessions.open(&[] as &[&str], None)).unwrap();
    first.insert("count", &0).unwrap();
    let CookieChange::Set(cookie) = pollster::block_on(first.finish()).unwrap() else { panic!("no cookie") };
    let saves = store.saves();

    let session =
        pollster::block_on(sessions.open(&[cookie.as_str().split(';').next().unwrap()], None)).unwrap();
    session.update("count", |count: &mut u64| *count += 1).unwrap();
    store.ask_meanwhile(&session);
    pollster::block_on(session.commit()).unwrap();

    let Commit { mut future, wakes, polled } = store.take().unwrap();
    assert!(polled, "the clone has committed while the store was asked");
    assert_eq!(wakes.count(), 1, "the clone was called");
    let answered = wakes.poll(future.as_mut());
    assert!(matches!(answered, Poll::Ready(Ok(()))), "{answered:?}");
    assert_eq!(store.saves() - saves, 1);
    assert_eq!(session.get::<u64>("count").unwrap(), Some(1));
}

/// A store that polls a commit of the same session while it is asked to save one.
#[derive(Clone, Default)]
struct Asking {
    store: MemoryStore,
    commit: Arc<Mutex<Option<Commit>>>,
    saves: Arc<AtomicUsize>,
}

struct Commit {
    future: Pin<Box<dyn Future<Output = Result<()>> + Send>>,
    wakes: Wakes,
    polled: bool,
}

impl Asking {
    fn saves(&self) -> usize {
        self.saves.load(Ordering::SeqCst)
    }

    fn ask_meanwhile(&self, session: &Session) {
        let clone = session.clone();
        let future = Box::pin(async move { clone.commit().await });
        *self.commit.lock().unwrap() = Some(Commit { future, wakes: Wakes::default(), polled: false });
    }

    fn take(&self) -> Option<Commit> {
        self.commit.lock().unwrap().take()
    }
}

impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asking")
    }
}

#[async_trait]
impl Store for Asking {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        self.store.load(key, now).await
    }

    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        self.saves.fetch_add(1, Ordering::SeqCst);
        if let Some(commit) = self.commit.lock().unwrap().as_mut() {
            assert!(commit.wakes.poll(commit.future.as_mut()).is_pending());
            commit.polled = true;
        }
        self.store.save(key, record, expect, now).await
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        self.store.touch(key, expect, accessed_at, expires_at, now).await
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        self.store.delete(key).await
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        self.store.delete_expired(now, limit).await
    }
}
