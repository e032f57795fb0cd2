//! A store that fails, or hangs.

use std::time::Duration;

use axum::{Router, response::IntoResponse, routing::get};
use http::{Response, header::SET_COOKIE};
use session_tower::{Config, Error, Session};
use tokio::time::Instant;

use crate::support::{Answer, Browser, Call, Fault, World, add, count, routes};

const PATIENCE: Duration = Duration::from_secs(5);

/// The handler that leaves the commit to the layer.
async fn add_only(session: Session) -> Result<impl IntoResponse, Error> {
    add(&session)?;
    Ok(([(SET_COOKIE, "theme=dark"), (http::header::LOCATION, "/done")], "added"))
}

/// The handler that does not look at what its commit answers.
async fn swallow(session: Session) -> &'static str {
    add(&session).unwrap();
    let _ = session.commit().await;
    "swallowed"
}

fn handlers() -> Router {
    Router::new().route("/add", get(add_only)).route("/swallow", get(swallow))
}

/// Every way to meet a store that does not work: where, how, and in which handler.
fn meetings() -> impl Iterator<Item = (Call, Fault, &'static str)> {
    let paths = [
        (Call::Load, "/read"),
        (Call::Load, "/count"),
        (Call::Save, "/count"),
        (Call::Save, "/add"),
        (Call::Save, "/swallow"),
        (Call::Delete, "/kill"),
    ];
    paths.into_iter().flat_map(|(call, path)| [(call, Fault::Fails, path), (call, Fault::Hangs, path)])
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_or_hangs_is_503_in_time_and_the_session_is_unharmed() {
    for (call, fault, path) in meetings() {
        let world = World::new();
        let browser = world.browser(handlers());
        browser.get("/count").await;
        let cookie = browser.cookie();

        world.store.fault(call, fault);
        let begun = Instant::now();
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 503, "{call:?} {fault:?} {path}");
        assert!(begun.elapsed() <= PATIENCE + Duration::from_millis(2), "{call:?} {fault:?} {path}");
        assert_eq!(answer.text, "The service is not available at the moment. Please try again.");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!((answer.header("set-cookie"), answer.header("location")), (String::new(), String::new()));

        world.store.heal();
        assert_eq!(browser.cookie(), cookie);
        assert_eq!(browser.get("/read").await.text, "1", "{call:?} {fault:?} {path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_changes_nothing_is_served_though_its_touch_fails() {
    let explicit = async |session: Session| session.commit().await;
    for fault in [Fault::Fails, Fault::Hangs] {
        for (path, text) in [("/read", "1"), ("/explicit", "")] {
            let world = World::new();
            let browser = world.browser(Router::new().route("/explicit", get(explicit)));
            browser.get("/count").await;
            world.clock.advance(Duration::from_secs(600));
            world.store.fault(Call::Touch, fault);
            world.store.calls();
            let answer = browser.get(path).await;
            assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, text), "{fault:?} {path}");
            assert!(world.store.calls().contains(&Call::Touch), "{fault:?} {path}");
            assert_eq!(browser.get("/count").await.text, "2", "a change needs no touch");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_visitor_whose_session_cannot_be_stored_gets_no_cookie() {
    for fault in [Fault::Fails, Fault::Hangs] {
        for path in ["/count", "/add", "/swallow"] {
            let world = World::new();
            let browser = world.browser(handlers());
            world.store.fault(Call::Save, fault);
            assert_eq!(browser.get(path).await.status, 503, "{fault:?} {path}");
            assert_eq!(browser.cookie(), None);
            world.store.heal();
            assert_eq!(browser.get("/count").await.text, "1");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_request_waits_no_longer_than_the_timeout_in_all() {
    let world = World::new();
    let browser = world.browser(handlers());
    browser.get("/count").await;
    world.store.fault(Call::Load, Fault::Takes(Duration::from_secs(3)));
    world.store.fault(Call::Save, Fault::Takes(Duration::from_secs(3)));
    let begun = Instant::now();
    assert_eq!(browser.get("/count").await.status, 503);
    assert!(begun.elapsed() <= PATIENCE + Duration::from_millis(2));
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_take_its_time() {
    let slow = async |session: Session| {
        tokio::time::sleep(10 * PATIENCE).await;
        add(&session).unwrap();
    };
    let world = World::new();
    let browser = world.browser(Router::new().route("/slow", get(slow)));
    world.store.fault(Call::Save, Fault::Takes(PATIENCE - Duration::from_millis(10)));
    assert_eq!(browser.get("/slow").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_commit_created_keeps_its_cookie() {
    for fault in [Fault::Fails, Fault::Hangs] {
        let world = World::new();
        let store = world.store.clone();
        let twice = async move |session: Session| -> Result<(), Error> {
            add(&session)?;
            session.commit().await?;
            store.fault(Call::Save, fault);
            add(&session)
        };
        let browser = world.browser(Router::new().route("/twice", get(twice)));
        let answer = browser.get("/twice").await;
        assert_eq!(answer.status, 503);
        assert!(answer.set_cookie().is_some(), "the session would be orphaned");
        world.store.heal();
        assert_eq!(browser.get("/read").await.text, "1");
    }
}

#[tokio::test]
async fn one_page_answers_all_errors() {
    let world = World::with(Config { ignore_expiry: false, ..Config::plain_http() });
    let layer = world.layer().on_error(|error| {
        let mut page = Response::new(format!("<h1>{}</h1>", error.status()));
        *page.status_mut() = error.status();
        page.headers_mut().insert("retry-after", 7.into());
        page
    });
    let browser = Browser::new(routes().merge(handlers()).layer(layer));
    browser.get("/count").await;
    let assert_paged = |answer: Answer, text: &str| {
        assert_eq!((answer.text.as_str(), answer.header("retry-after").as_str()), (text, "7"));
        assert_eq!(answer.header("cache-control"), "no-store");
    };
    for (call, path) in [(Call::Load, "/read"), (Call::Save, "/count"), (Call::Save, "/add")] {
        world.store.fault(call, Fault::Fails);
        assert_paged(browser.get(path).await, "<h1>503 Service Unavailable</h1>");
        world.store.heal();
    }
    world.clock.advance(Duration::from_secs(24 * 60 * 60));
    let expired = browser.get("/read").await;
    assert!(expired.set_cookie().is_some());
    assert_paged(expired, "<h1>403 Forbidden</h1>");
}

#[tokio::test]
async fn the_page_keeps_what_others_wrote_around_a_failed_handler() {
    async fn inner(session: Session) -> impl IntoResponse {
        let failed = session.get::<String>("count").unwrap_err();
        ([("x-request-id", "17"), ("content-length", "3")], Error::from(failed))
    }
    let browser = World::new().browser(Router::new().route("/inner", get(inner)));
    browser.get("/count").await;
    let answer = browser.get("/inner").await;
    assert_eq!((answer.status.as_u16(), answer.header("x-request-id").as_str()), (500, "17"));
    assert_eq!(answer.header("content-length"), answer.text.len().to_string());
}

#[tokio::test]
async fn a_failed_load_is_never_an_empty_session() {
    let world = World::new();
    let ignores = async |session: Result<Session, Error>| match session {
        Ok(session) => count(session).await.unwrap(),
        Err(error) => format!("{} {}", error.status(), error.text()),
    };
    let browser = world.browser(Router::new().route("/ignores", get(ignores)));
    browser.get("/count").await;
    world.store.fault(Call::Load, Fault::Fails);
    let answer = browser.get("/ignores").await;
    assert!(
        answer.text.starts_with("503"),
        "the handler may answer a failed load by itself: {}",
        answer.text
    );
    assert_eq!(answer.set_cookie(), None);
    world.store.heal();
    assert_eq!(browser.get("/ignores").await.text, "2");
}
