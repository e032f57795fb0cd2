//! Rotation and login while other requests are in flight.

use tokio::task::JoinSet;

use crate::{
    browser::{Browser, number},
    client::Answer,
    server::{Place, Server, stores},
};

const INCREMENTS: u64 = 50;

/// How often each race is run, because it goes another way each time.
const ROUNDS: usize = 10;

/// So long that a slow machine makes no stranger of a request that is late.
const CONFIGURATION: &str = "rotation_grace = \"1h\"";

/// What `/count` answers to a request whose session has ended, or is not its own any more.
const NOT_KEPT: u16 = 503;

fn serve(place: &Place, store: &str) -> Server {
    place.serve_configured(store, CONFIGURATION)
}

fn increments(browser: &Browser) -> JoinSet<Answer> {
    let mut increments = JoinSet::new();
    for _ in 0..INCREMENTS {
        let mut browser = browser.clone();
        increments.spawn(async move { browser.get("/count").await });
    }
    increments
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_loses_no_increment_of_the_old_ticket() {
    for store in stores() {
        let place = Place::new();
        let server = serve(&place, store);
        for _ in 0..ROUNDS {
            rotate_among_increments(Browser::new(server.address)).await;
        }
    }
}

async fn rotate_among_increments(mut browser: Browser) {
    assert_eq!(browser.count().await, 1);
    let old = browser.clone();
    let increments = increments(&old);
    browser.get("/renew").await;
    assert_ne!(browser.cookie, old.cookie);
    let answers = increments.join_all().await;
    assert!(answers.iter().all(|answer| answer.header("set-cookie").is_none()), "{answers:?}");
    let mut numbers: Vec<u64> = answers.iter().map(number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (2..=1 + INCREMENTS).collect::<Vec<_>>());
    assert_eq!(browser.count().await, 2 + INCREMENTS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_keeps_what_was_answered_and_shuts_the_old_ticket() {
    for store in stores() {
        let place = Place::new();
        let server = serve(&place, store);
        for _ in 0..ROUNDS {
            log_in_among_increments(Browser::new(server.address)).await;
        }
    }
}

async fn log_in_among_increments(mut browser: Browser) {
    assert_eq!(browser.count().await, 1);
    let mut old = browser.clone();
    let increments = increments(&old);
    let login = browser.get("/login?user=Ada").await;
    assert_eq!((login.status, login.header("location")), (303, Some("/")));
    assert_ne!(browser.cookie, old.cookie);
    let answers = increments.join_all().await;
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | NOT_KEPT)), "{answers:?}");
    assert!(answers.iter().all(|answer| answer.header("set-cookie").is_none()), "{answers:?}");
    let kept: u64 = answers.iter().map(|answer| u64::from(answer.status == 200)).sum();
    assert_eq!(browser.count().await, 2 + kept);
    assert!(browser.is_logged_in().await);
    opens_nothing(&mut old).await;
    assert_eq!(browser.count().await, 3 + kept);
}

/// The ticket from before the login reads nothing, changes nothing, and is answered with no cookie.
async fn opens_nothing(old: &mut Browser) {
    let cookie = old.cookie.clone();
    assert!(!old.is_logged_in().await);
    for (path, status) in [("/count", NOT_KEPT), ("/renew", 200), ("/slow?ms=0", 409)] {
        assert_eq!(old.get(path).await.status, status, "{path}");
        assert_eq!(old.cookie, cookie, "{path}");
    }
}

#[tokio::test]
async fn another_user_gets_nothing_of_the_one_before() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let mut browser = Browser::new(server.address);
        browser.count().await;
        browser.get("/login?user=Ada").await;
        let ada = browser.cookie.clone();
        assert_eq!(browser.count().await, 2, "{store}");
        browser.get("/login?user=Grace").await;
        assert!(browser.get("/").await.body.contains("<strong>Grace</strong>"), "{store}");
        assert_eq!(browser.count().await, 1, "{store}");
        assert!(!browser.with(&ada).is_logged_in().await, "{store}");
    }
}
