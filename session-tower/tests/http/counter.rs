//! The first things that an application does.

use axum::Router;

use crate::support::{Call, World, routes};

#[tokio::test]
async fn it_counts_and_a_kill_starts_over() {
    let browser = World::new().browser(Router::new());
    for expected in ["1", "2", "3"] {
        assert_eq!(browser.get("/count").await.text, expected);
    }
    let killed = browser.get("/kill").await;
    assert!(killed.set_cookie().unwrap().starts_with("id=; "), "the cookie is removed");
    assert_eq!(browser.get("/count").await.text, "1");
}

#[tokio::test]
async fn two_browsers_side_by_side_have_a_session_each() {
    let ada = World::new().browser(Router::new());
    let bob = ada.other();
    for expected in ["1", "2"] {
        assert_eq!(ada.get("/count").await.text, expected);
        assert_eq!(bob.get("/count").await.text, expected);
    }
    ada.get("/kill").await;
    assert_eq!(bob.get("/count").await.text, "3");
}

#[tokio::test]
async fn a_request_that_asks_for_no_session_is_left_as_it_is() {
    let world = World::new();
    let browser = world.browser(Router::new());
    browser.get("/count").await;
    world.store.calls();
    let answer = browser.get("/plain").await;
    assert_eq!(world.store.calls(), []);
    let names: Vec<_> = answer.headers.keys().map(http::HeaderName::as_str).collect();
    assert_eq!((answer.text.as_str(), names), ("plain", vec!["content-type", "content-length"]));
}

#[tokio::test]
async fn a_visitor_in_whose_session_nothing_is_kept_costs_nothing() {
    let world = World::new();
    let answer = world.browser(Router::new()).get("/read").await;
    assert_eq!((answer.text.as_str(), answer.set_cookie()), ("0", None));
    assert_eq!(world.store.calls(), []);
}

#[tokio::test]
async fn the_cookie_is_set_once_and_not_with_every_change() {
    let world = World::new();
    let browser = world.browser(Router::new());
    assert!(browser.get("/count").await.set_cookie().is_some());
    assert_eq!(browser.get("/count").await.set_cookie(), None);
    assert_eq!(world.store.calls(), [Call::Save, Call::Load, Call::Save]);
}

#[tokio::test]
async fn a_sub_application_has_the_session_of_the_whole() {
    let world = World::new();
    let browser = world.browser(Router::new().nest("/shop", routes()));
    assert_eq!(browser.get("/count").await.text, "1");
    assert_eq!(browser.get("/shop/count").await.text, "2");
    assert_eq!(browser.get("/read").await.text, "2");
    browser.get("/shop/kill").await;
    assert_eq!(browser.get("/count").await.text, "1");
}
