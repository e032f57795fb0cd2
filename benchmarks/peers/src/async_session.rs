//! async-session's MemoryStore.
//!
//! Its sessions share their values with what the store keeps, so its save copies none.

use std::{
    hint::black_box,
    sync::Mutex,
    time::{Duration, Instant},
};

use async_session::{MemoryStore, Session, SessionStore};
use harness::{Handle, Loads, Saves, Subject, Values, answer_rounds, handle_rounds, store_rounds};

pub(crate) async fn store(bytes: usize, sessions: usize) {
    let places = (0..2 * sessions).map(|_| Mutex::default()).collect();
    store_rounds(Theirs { store: MemoryStore::new(), places }, bytes, sessions).await;
}

pub(crate) async fn handle(bytes: usize, sessions: usize) {
    handle_rounds(Handles(MemoryStore::new()), bytes, sessions).await;
}

/// Sweeps once for each round, after `dead` sessions were made that have expired.
pub(crate) async fn sweeps(sessions: usize, dead: usize, bytes: usize) {
    let (store, values) = (MemoryStore::new(), Values::of(bytes));
    for _ in dead..sessions {
        store.store_session(session(&values, Duration::from_secs(86_400))).await.unwrap();
    }
    answer_rounds(async |_| {
        for _ in 0..dead {
            store.store_session(session(&values, Duration::ZERO)).await.unwrap();
        }
        let start = Instant::now();
        store.cleanup().await.unwrap();
        let taken = start.elapsed();
        assert_eq!(store.count().await, sessions - dead);
        (1, taken)
    })
    .await;
}

fn session(values: &Values, lives: Duration) -> Session {
    let mut session = Session::new();
    session.expire_in(lives);
    for (name, text) in &values.pairs {
        session.insert(name, text).unwrap();
    }
    session
}

const HOUR: Duration = Duration::from_secs(3_600);

struct Theirs {
    store: MemoryStore,
    /// The session at a place, and its cookie.
    places: Vec<Mutex<Option<(Session, String)>>>,
}

impl Theirs {
    fn at(&self, place: usize) -> (Session, String) {
        self.places[place].lock().unwrap().clone().unwrap()
    }
}

impl Saves for Theirs {
    const BATCH: usize = 16;
    type Hand = Values;

    fn hand(&self, values: &Values) -> Values {
        values.clone()
    }

    async fn create(&self, hand: &mut Values, place: usize) {
        let session = session(hand, HOUR);
        let kept = session.clone();
        let cookie = self.store.store_session(session).await.unwrap().unwrap();
        *self.places[place].lock().unwrap() = Some((kept, cookie));
    }

    async fn save(&self, _: &mut Values, place: usize, change: u64) {
        let mut session = self.places[place].lock().unwrap().as_ref().unwrap().0.clone();
        session.insert_raw(Values::CHANGE, Values::change(change));
        self.store.store_session(session).await.unwrap();
    }
}

impl Loads for Theirs {
    async fn load(&self, place: usize) {
        let cookie = self.places[place].lock().unwrap().as_ref().unwrap().1.clone();
        black_box(self.store.load_session(cookie).await.unwrap().unwrap());
    }
}

impl Subject for Theirs {
    async fn touch(&self, _: &mut Values, place: usize, change: u64) {
        let mut session = self.places[place].lock().unwrap().as_ref().unwrap().0.clone();
        session.expire_in(HOUR + Duration::from_millis(change % 1_000));
        self.store.store_session(session).await.unwrap();
    }

    async fn delete(&self, place: usize) {
        let (session, _) = self.at(place);
        self.store.destroy_session(session).await.unwrap();
    }
}

struct Handles(MemoryStore);

impl Handle for Handles {
    type Cookie = String;

    async fn start(&self, values: &Values) -> String {
        self.0.store_session(session(values, HOUR)).await.unwrap().unwrap()
    }

    async fn read(&self, cookie: &String, name: &str) {
        let session = self.0.load_session(cookie.clone()).await.unwrap().unwrap();
        black_box(session.get::<String>(name).unwrap());
    }

    async fn commit(&self, cookie: &String, change: u64) {
        let mut session = self.0.load_session(cookie.clone()).await.unwrap().unwrap();
        session.insert(Values::CHANGE, Values::change(change)).unwrap();
        self.0.store_session(session).await.unwrap();
    }
}
