//! One session, many requests at a time.

use std::net::SocketAddr;

use tokio::task::JoinSet;

use crate::{
    browser::{Browser, number},
    client::Connection,
    server::{Place, shared_stores, stores},
};

const CONNECTIONS: u64 = 64;
const INCREMENTS: u64 = 2_048;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_over_64_connections() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        increments_are_exact(&[server.address]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_through_two_processes_on_one_store() {
    for store in shared_stores() {
        let place = Place::new();
        let (one, other) = (place.serve(store), place.serve(store));
        increments_are_exact(&[one.address, other.address]).await;
    }
}

/// Every answer is another number, none is missing, and the last count is exact.
async fn increments_are_exact(servers: &[SocketAddr]) {
    let mut browser = Browser::new(servers[0]);
    assert_eq!(browser.count().await, 1);
    let mut connections = JoinSet::new();
    for (_, server) in (0..CONNECTIONS).zip(servers.iter().cycle()) {
        connections.spawn(count(*server, browser.cookie.clone(), INCREMENTS / CONNECTIONS));
    }
    let mut numbers = connections.join_all().await.concat();
    numbers.sort_unstable();
    assert_eq!(numbers, (2..=1 + INCREMENTS).collect::<Vec<_>>());
    assert_eq!(browser.count().await, 2 + INCREMENTS);
}

async fn count(server: SocketAddr, cookie: String, times: u64) -> Vec<u64> {
    let mut connection = Connection::open(server).await.unwrap();
    let mut numbers = Vec::new();
    for _ in 0..times {
        numbers.push(number(&connection.get("/count", &cookie).await.unwrap()));
    }
    numbers
}
