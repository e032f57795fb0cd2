//! Tickets that change while other requests are on their way.

use std::time::Duration;

use axum::{Router, routing::get};
use session_tower::{Config, Error, Session};

use crate::support::{Browser, Call, Fault, Gate, World, add};

/// Returns a visitor of an application whose `/held` adds one after it has passed the gate.
fn held(world: &World) -> (Browser, Gate) {
    let gate = Gate::new();
    let handler = {
        let gate = gate.clone();
        async move |session: Session| -> Result<String, Error> {
            gate.pass().await;
            add(&session)?;
            Ok(session.get::<u64>("count")?.unwrap_or(0).to_string())
        }
    };
    let login = async |session: Session| session.login("bob").unwrap();
    let routes = Router::new().route("/held", get(handler)).route("/login-bob", get(login));
    (world.browser(routes), gate)
}

/// Sends `count` requests to `/held`, and `between` once all of them have loaded their session.
async fn around(browser: &Browser, gate: &Gate, count: u32, between: &str) -> Vec<crate::support::Answer> {
    // Each tab shows the cookie from before, and what it is handed goes nowhere.
    let tabs = (0..count).map(|_| {
        let tab = browser.other();
        tab.set_cookie(&browser.cookie().unwrap());
        tokio::spawn(async move { tab.get("/held").await })
    });
    let tabs: Vec<_> = tabs.collect();
    gate.gathered(count).await;
    browser.get(between).await;
    gate.open(tabs.len());
    let mut answers = Vec::new();
    for tab in tabs {
        answers.push(tab.await.unwrap());
    }
    answers
}

#[tokio::test]
async fn fifty_increments_that_had_loaded_before_a_rotate_are_kept() {
    let world = World::new();
    let (browser, gate) = held(&world);
    browser.get("/count").await;
    for answer in around(&browser, &gate, 50, "/renew").await {
        assert_eq!((answer.status.as_u16(), answer.set_cookie()), (200, None));
    }
    assert_eq!(browser.get("/read").await.text, "51");
}

#[tokio::test]
async fn after_a_login_the_requests_of_the_old_ticket_change_nothing() {
    for login in ["/login", "/login-bob"] {
        let world = World::new();
        let (browser, gate) = held(&world);
        browser.get("/count").await;
        let old = browser.cookie().unwrap();
        for answer in around(&browser, &gate, 50, login).await {
            assert_eq!((answer.status.as_u16(), answer.set_cookie()), (200, None));
        }
        assert_eq!(browser.get("/read").await.text, "1");

        let thief = browser.other();
        thief.set_cookie(&old);
        let answer = thief.get("/read").await;
        assert_eq!((answer.text.as_str(), answer.set_cookie()), ("0", None), "the old ticket opens nothing");
        assert_eq!(thief.get("/count").await.status, 503, "a commit that keeps nothing says so");
        assert_eq!(browser.get("/read").await.text, "1");
    }
}

#[tokio::test]
async fn a_late_request_reads_and_adds_and_gets_no_cookie() {
    let browser = World::new().browser(Router::new());
    browser.get("/count").await;
    let late = browser.other();
    late.set_cookie(&browser.cookie().unwrap());
    browser.get("/renew").await;
    let answer = late.get("/count").await;
    assert_eq!((answer.text.as_str(), answer.set_cookie()), ("2", None));
    assert_eq!(late.get("/renew").await.set_cookie(), None);
    assert_eq!(browser.get("/count").await.text, "3");
}

#[tokio::test]
async fn a_slow_request_does_not_bring_a_killed_session_back() {
    let world = World::new();
    let (browser, gate) = held(&world);
    browser.get("/count").await;
    let old = browser.cookie().unwrap();
    for answer in around(&browser, &gate, 3, "/kill").await {
        assert_eq!((answer.status.as_u16(), answer.set_cookie()), (200, None));
    }
    browser.set_cookie(&old);
    assert_eq!(browser.get("/read").await.text, "0");
}

#[tokio::test]
async fn a_lost_login_is_503() {
    let world = World::new();
    let gate = Gate::new();
    let relogin = {
        let gate = gate.clone();
        async move |session: Session| {
            gate.pass().await;
            session.login("ada").unwrap();
        }
    };
    let browser = world.browser(Router::new().route("/relogin", get(relogin)));
    browser.get("/login").await;
    let tab = browser.other();
    tab.set_cookie(&browser.cookie().unwrap());
    let request = tokio::spawn(async move { tab.get("/relogin").await });
    gate.gathered(1).await;
    browser.get("/kill").await;
    gate.open(1);
    let answer = request.await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.set_cookie()), (503, None));
}

#[tokio::test]
async fn the_end_of_a_request_renews_an_old_ticket() {
    let interval = Duration::from_secs(900);
    let world = World::with(Config { rotation_interval: Some(interval), ..Config::plain_http() });
    let browser = world.browser(Router::new());
    browser.get("/count").await;
    // One reads alone, one has committed by itself.
    for (path, text) in [("/read", "1"), ("/count", "2")] {
        let before = browser.cookie().unwrap();
        world.clock.advance(interval - Duration::from_millis(1));
        assert_eq!(browser.get("/read").await.header("set-cookie"), "");
        world.clock.advance(Duration::from_millis(1));
        assert_eq!(browser.get("/plain").await.header("set-cookie"), "", "a page without a session");
        let answer = browser.get(path).await;
        assert_eq!((answer.text.as_str(), &*answer.header("cache-control")), (text, "no-store"), "{path}");
        assert_ne!(browser.cookie().unwrap(), before, "{path}");
        assert_eq!(browser.get("/read").await.text, text);
    }
    // A store that cannot write is no reason to refuse who reads.
    world.clock.advance(interval);
    world.store.fault(Call::Save, Fault::Fails);
    assert_eq!(browser.get("/read").await.text, "2");
    world.store.heal();
    assert_ne!(browser.get("/read").await.header("set-cookie"), "");
}
