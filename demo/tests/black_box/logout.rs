//! A logout is final, whatever is still in flight.

use tokio::task::JoinSet;

use crate::{
    browser::Browser,
    client::Answer,
    server::{Place, stores},
};

const LOGOUTS: usize = 20;
const SLOW_WRITES: usize = 3;
const READS: usize = 60;

/// What `/slow` answers when the session ended while it waited.
const ENDED: u16 = 409;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_in_flight_brings_a_session_back() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let mut ended = 0;
        for _ in 0..LOGOUTS {
            ended += race(Browser::new(server.address)).await;
        }
        assert!(ended > 0, "{store}: no slow request was overtaken, so nothing was tried");
    }
}

/// Logs out among slow writes and reads, and returns how many writes found the session ended.
async fn race(mut browser: Browser) -> usize {
    browser.get("/login?user=Ada").await;
    assert!(browser.is_logged_in().await);
    let slow = requests(&browser, SLOW_WRITES, "/slow?ms=200");
    let reads = requests(&browser, READS, "/");
    let logout = browser.clone().get("/logout").await;
    assert_eq!((logout.status, logout.cookie()), (303, Some("")));
    let (slow, reads) = (slow.join_all().await, reads.join_all().await);
    assert!(slow.iter().all(|answer| matches!(answer.status, 200 | ENDED)), "{slow:?}");
    assert!(reads.iter().all(|answer| answer.status == 200), "{reads:?}");
    assert!(reads.iter().all(|answer| answer.header("set-cookie").is_none()), "{reads:?}");
    assert!(!browser.clone().is_logged_in().await);
    // A write that arrived after the logout began a session of its own, which is nobody's.
    for cookie in slow.iter().filter_map(Answer::cookie) {
        assert_ne!(cookie, browser.cookie);
        assert!(!browser.with(cookie).is_logged_in().await);
    }
    slow.iter().filter(|answer| answer.status == ENDED).count()
}

fn requests(browser: &Browser, times: usize, path: &'static str) -> JoinSet<Answer> {
    let mut requests = JoinSet::new();
    for _ in 0..times {
        let mut browser = browser.clone();
        requests.spawn(async move { browser.get(path).await });
    }
    requests
}
