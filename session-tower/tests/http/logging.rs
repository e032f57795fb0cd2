//! What is logged, and what is not.

use axum::{Router, routing::get};
use session_tower::{Config, Error, PeerAddress, Session, session_core};
use tracing::Level;

use crate::support::{Call, Fault, Log, World, add};

#[tokio::test]
async fn every_failure_is_logged_once_with_its_cause_and_without_a_secret() {
    let world = World::new();
    let secret = async |session: Session| {
        session.login("ada@example.com").unwrap();
        session.insert("pin", "hunter2").unwrap();
    };
    let browser = world.browser(Router::new().route("/secret", get(secret)));
    browser.get("/count").await;
    let cookie = browser.cookie().unwrap();
    let (log, _guard) = Log::start();
    for (call, path) in [(Call::Load, "/read"), (Call::Save, "/count"), (Call::Save, "/secret")] {
        world.store.fault(call, Fault::Fails);
        browser.get(path).await;
        world.store.heal();
        let lines = log.lines(Level::ERROR);
        assert_eq!(lines.len(), 1, "{call:?} {path} {lines:?}");
        assert!(lines[0].contains("go on (nothing was changed): the disk is on fire"), "{lines:?}");
        for secret in [cookie.as_str(), "ada@example.com", "hunter2"] {
            assert!(!lines[0].contains(secret), "{lines:?}");
        }
    }
}

#[tokio::test]
async fn a_failed_load_that_the_handler_hides_is_logged_all_the_same() {
    let world = World::new();
    let hide = async |session: Result<Session, Error>| session.is_ok().to_string();
    let browser = world.browser(Router::new().route("/hide", get(hide)));
    browser.get("/count").await;
    world.store.fault(Call::Load, Fault::Fails);
    let (log, _guard) = Log::start();
    assert_eq!(browser.get("/hide").await.text, "false");
    assert_eq!(log.lines(Level::ERROR).len(), 1);
}

#[tokio::test]
async fn an_unknown_address_says_what_to_do() {
    let world = World::with(Config { ignore_change_ip: false, ..Config::plain_http() });
    let (log, _guard) = Log::start();
    world.browser(Router::new()).get("/count").await;
    let lines = log.lines(Level::ERROR);
    assert!(lines[0].contains("into_make_service_with_connect_info"), "{lines:?}");
}

#[tokio::test]
async fn a_refused_address_is_one_warning_and_an_expired_session_is_none() {
    let config = Config { ignore_change_ip: false, ignore_expiry: false, ..Config::plain_http() };
    let world = World::with(config);
    let browser = world.browser(Router::new());
    let count_from = async |last: u8| {
        let peer = PeerAddress([192, 0, 2, last].into());
        let come = |request: &mut http::Request<_>| _ = request.extensions_mut().insert(peer);
        browser.get_with("/count", come).await
    };
    count_from(1).await;
    let (log, _guard) = Log::start();
    for _ in 0..3 {
        assert_eq!(count_from(2).await.status, 403);
    }
    assert_eq!(log.lines(Level::WARN).len(), 1);
    world.clock.advance(std::time::Duration::from_secs(24 * 60 * 60));
    assert_eq!(count_from(1).await.status, 403);
    let lines = log.lines(Level::DEBUG);
    assert!(lines.iter().any(|line| line.contains("event=\"expired\"")), "{lines:?}");
}

#[tokio::test]
async fn a_session_that_ended_meanwhile_is_no_error_of_the_server() {
    let gone = async || Err::<(), Error>(session_core::Error::Gone.into());
    let browser = World::new().browser(Router::new().route("/gone", get(gone)));
    let (log, _guard) = Log::start();
    assert_eq!(browser.get("/gone").await.status, 503);
    assert_eq!(log.lines(Level::ERROR).len(), 0);
    browser.get("/gone").await;
    assert_eq!(log.lines(Level::DEBUG).len(), 1);
}

#[tokio::test]
async fn a_replaced_ticket_in_use_is_one_warning_for_its_session() {
    let world = World::new();
    let browsers = [world.browser(Router::new()), world.browser(Router::new())];
    let (log, _guard) = Log::start();
    for browser in &browsers {
        browser.get("/count").await;
        let thief = browser.other();
        thief.set_cookie(&browser.cookie().unwrap());
        browser.get("/login").await;
        for _ in 0..20 {
            thief.get("/read").await;
        }
    }
    let lines = log.lines(Level::WARN);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.iter().all(|line| line.contains("may be stolen")), "{lines:?}");
}

#[tokio::test]
async fn changes_after_the_response_that_are_never_committed_are_warned_about() {
    let (sender, mut kept) = tokio::sync::mpsc::channel(1);
    let keep = async move |session: Session| sender.send(session).await.unwrap();
    let browser = World::new().browser(Router::new().route("/keep", get(keep)));
    browser.get("/keep").await;
    let (log, _guard) = Log::start();
    let session = kept.recv().await.unwrap();
    add(&session).unwrap();
    drop(session);
    assert_eq!(log.lines(Level::WARN).len(), 1);
}
