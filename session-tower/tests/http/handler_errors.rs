//! Handlers that fail.

use axum::{Router, routing::get};
use http::StatusCode;
use session_tower::{Error, Session};

use crate::support::{Gate, World, add};

const FAILED: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;

#[tokio::test]
async fn the_changes_of_a_failed_handler_are_dropped() {
    let fail = async |session: Session| {
        add(&session).unwrap();
        session.insert("half", "done").unwrap();
        FAILED
    };
    let browser = World::new().browser(Router::new().route("/fail", get(fail)));
    assert_eq!(browser.get("/fail").await.set_cookie(), None, "nothing was created");
    browser.get("/count").await;
    assert_eq!(browser.get("/fail").await.status, FAILED);
    assert_eq!(browser.get("/read").await.text, "1");
}

#[tokio::test]
async fn an_answer_below_500_keeps_them() {
    let refuse = async |session: Session| {
        add(&session).unwrap();
        StatusCode::BAD_REQUEST
    };
    let browser = World::new().browser(Router::new().route("/refuse", get(refuse)));
    browser.get("/refuse").await;
    assert_eq!(browser.get("/read").await.text, "1");
}

#[tokio::test]
async fn a_kill_counts_even_if_the_handler_fails() {
    let kill_and_fail = async |session: Session| {
        session.kill();
        session.insert("successor", "lost").unwrap();
        FAILED
    };
    let browser = World::new().browser(Router::new().route("/fail", get(kill_and_fail)));
    browser.get("/count").await;
    let before = browser.cookie().unwrap();
    let answer = browser.get("/fail").await;
    assert_eq!((answer.status, browser.cookie()), (FAILED, None));
    browser.set_cookie(&before);
    assert_eq!(browser.get("/read").await.text, "0");
}

#[tokio::test]
async fn what_was_committed_before_the_failure_is_kept_and_its_cookie_sent() {
    let commit_and_fail = async |session: Session| {
        add(&session).unwrap();
        session.commit().await.unwrap();
        add(&session).unwrap();
        FAILED
    };
    let browser = World::new().browser(Router::new().route("/fail", get(commit_and_fail)));
    let answer = browser.get("/fail").await;
    assert!(answer.set_cookie().is_some(), "nobody else can open the session");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(browser.get("/read").await.text, "1");
}

#[tokio::test]
async fn an_error_of_the_session_is_answered_as_the_layer_answers_it() {
    let wrong_type = async |session: Session| -> Result<(), Error> {
        add(&session)?;
        session.get::<String>("count")?;
        Ok(())
    };
    let browser = World::new().browser(Router::new().route("/wrong", get(wrong_type)));
    let answer = browser.get("/wrong").await;
    assert_eq!((answer.status, answer.text.as_str()), (FAILED, "The service has failed."));
    assert_eq!((answer.header("cache-control").as_str(), answer.set_cookie()), ("no-store", None));
}

#[tokio::test]
async fn a_handler_that_panics_keeps_nothing_and_kills_nothing() {
    let panics = async |session: Session| -> () {
        session.kill();
        add(&session).unwrap();
        panic!("a bug");
    };
    let browser = World::new().browser(Router::new().route("/panic", get(panics)));
    browser.get("/count").await;
    let visit = browser.clone();
    assert!(tokio::spawn(async move { visit.get("/panic").await }).await.unwrap_err().is_panic());
    assert_eq!(browser.get("/read").await.text, "1");
}

#[tokio::test]
async fn a_visitor_who_goes_away_keeps_nothing_and_kills_nothing() {
    let gate = Gate::new();
    let wait = {
        let gate = gate.clone();
        async move |session: Session| {
            session.kill();
            add(&session).unwrap();
            gate.pass().await;
        }
    };
    let world = World::new();
    let browser = world.browser(Router::new().route("/wait", get(wait)));
    browser.get("/count").await;
    let visit = browser.clone();
    let request = tokio::spawn(async move { visit.get("/wait").await });
    gate.gathered(1).await;
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled());
    assert_eq!(browser.get("/read").await.text, "1");
}

#[tokio::test]
async fn a_missing_layer_says_what_to_do() {
    let browser = crate::support::Browser::new(crate::support::routes());
    let answer = browser.get("/count").await;
    assert_eq!((answer.status, answer.header("cache-control").as_str()), (FAILED, "no-store"));
    assert!(answer.text.contains(".layer(SessionLayer::new(sessions))"), "{}", answer.text);
}
