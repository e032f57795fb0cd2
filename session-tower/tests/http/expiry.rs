//! Sessions that have expired.

use std::time::Duration;

use axum::Router;
use session_tower::Config;

use crate::support::World;

const MILLISECOND: Duration = Duration::from_millis(1);

fn config() -> Config {
    Config {
        ignore_expiry: false,
        expired_message: "Please log in again".into(),
        timeout: Duration::from_secs(600),
        max_lifetime: Duration::from_secs(1_500),
        touch_interval: MILLISECOND,
        ..Config::plain_http()
    }
}

#[tokio::test]
async fn an_idle_session_dies_when_its_timeout_is_over() {
    let world = World::with(config());
    let browser = world.browser(Router::new());
    browser.get("/count").await;
    world.clock.advance(Duration::from_secs(600) - MILLISECOND);
    assert_eq!(browser.get("/read").await.text, "1");
    world.clock.advance(Duration::from_secs(600) - MILLISECOND);
    assert_eq!(browser.get("/read").await.text, "1", "it was used meanwhile");
    world.clock.advance(MILLISECOND);
    assert_eq!(browser.get("/read").await.text, "1");

    let world = World::with(config());
    let browser = world.browser(Router::new());
    browser.get("/count").await;
    world.clock.advance(Duration::from_secs(600));
    assert_eq!(browser.get("/read").await.status, 403);
}

#[tokio::test]
async fn a_busy_session_dies_when_its_lifetime_is_over() {
    let world = World::with(config());
    let browser = world.browser(Router::new());
    browser.get("/count").await;
    for seconds in [500, 500] {
        world.clock.advance(Duration::from_secs(seconds));
        browser.get("/read").await;
    }
    world.clock.advance(Duration::from_secs(500) - MILLISECOND);
    assert_eq!(browser.get("/read").await.text, "1");
    world.clock.advance(MILLISECOND);
    assert_eq!(browser.get("/read").await.status, 403);
}

#[tokio::test]
async fn the_visitor_reads_the_message_loses_the_cookie_and_is_served_next_time() {
    let world = World::with(config());
    let browser = world.browser(Router::new());
    browser.get("/count").await;
    world.clock.advance(Duration::from_secs(600));

    let answer = browser.get("/count").await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (403, "Please log in again"));
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.set_cookie(), Some("id=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"));

    assert_eq!(browser.get("/count").await.text, "1");
    assert_eq!(browser.get("/count").await.text, "2");
}

#[tokio::test]
async fn by_default_the_visitor_gets_a_new_session_quietly() {
    let world = World::with(Config { ignore_expiry: true, ..config() });
    let browser = world.browser(Router::new());
    browser.get("/count").await;
    world.clock.advance(Duration::from_secs(600));
    assert_eq!(browser.get("/count").await.text, "1");
}

#[tokio::test]
async fn a_visitor_who_never_had_a_session_is_not_turned_away() {
    let browser = World::with(config()).browser(Router::new());
    browser.set_cookie("id=junk");
    assert_eq!(browser.get("/count").await.text, "1");
}
