//! The server is killed in the middle of its work.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{sync::Notify, task::JoinSet};

use crate::{
    browser::{Browser, number},
    client::Connection,
    server::{Place, lasting_stores},
};

const KILLS: usize = 10;
const WRITERS: usize = 8;

/// How many counts are answered before each kill.
const LOAD: usize = 40;

/// The counts that were answered, each once.
#[derive(Debug, Default)]
struct Answered {
    counts: Mutex<BTreeSet<u64>>,
    enough: Notify,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answered_count_is_there_after_kill_9() {
    for store in lasting_stores() {
        nothing_answered_is_lost(store).await;
    }
}

async fn nothing_answered_is_lost(store: &str) {
    let place = Place::new();
    let mut server = place.serve(store);
    let mut browser = Browser::new(server.address);
    let mut last = browser.count().await;
    for _ in 0..KILLS {
        let answered = Arc::new(Answered::default());
        let mut writers = JoinSet::new();
        for _ in 0..WRITERS {
            writers.spawn(write(server.address, browser.cookie.clone(), answered.clone()));
        }
        answered.enough.notified().await;
        server.kill();
        writers.join_all().await;
        server = place.serve(store);
        browser = browser.at(&server);
        let counts = std::mem::take(&mut *answered.counts.lock().unwrap());
        assert!(
            counts.first() > Some(&last),
            "a count was answered again: {:?} after {last}",
            counts.first()
        );
        last = browser.count().await;
        assert!(counts.last() < Some(&last), "{:?} was answered, but the next one is {last}", counts.last());
    }
}

/// Counts until the server is gone.
async fn write(server: SocketAddr, cookie: String, answered: Arc<Answered>) {
    let mut connection = Connection::open(server).await.unwrap();
    while let Ok(answer) = connection.get("/count", &cookie).await {
        let mut counts = answered.counts.lock().unwrap();
        assert!(counts.insert(number(&answer)), "a count was answered twice");
        if counts.len() == LOAD {
            answered.enough.notify_one();
        }
    }
}
