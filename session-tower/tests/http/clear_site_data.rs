//! What the browser is told to forget.

use std::time::Duration;

use axum::{Router, routing::get};
use session_tower::{Config, Session};

use crate::support::{Browser, World, routes};

fn clearing(world: &World) -> Browser {
    let own = async |session: Session| {
        session.kill();
        [("clear-site-data", r#""*""#)]
    };
    Browser::new(Router::new().route("/own", get(own)).merge(routes()).layer(world.layer().clear_site_data()))
}

#[tokio::test]
async fn a_logout_clears_what_the_site_left_where_the_layer_says_so() {
    let world = World::new();
    let browser = clearing(&world);
    assert_eq!(browser.get("/count").await.header("clear-site-data"), "");
    assert_eq!(browser.get("/kill").await.header("clear-site-data"), r#""cache", "storage""#);
    // Nothing ends any more.
    assert_eq!(browser.get("/kill").await.header("clear-site-data"), "");
    browser.get("/count").await;
    assert_eq!(browser.get("/own").await.header("clear-site-data"), r#""*""#);
}

#[tokio::test]
async fn a_visitor_who_is_turned_away_for_good_leaves_nothing_behind() {
    let world = World::with(Config { ignore_expiry: false, ..Config::plain_http() });
    let browser = clearing(&world);
    browser.get("/count").await;
    world.clock.advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(browser.get("/read").await.header("clear-site-data"), r#""cache", "storage""#);
}

#[tokio::test]
async fn it_is_off_by_default() {
    let browser = World::new().browser(Router::new());
    browser.get("/count").await;
    let killed = browser.get("/kill").await;
    assert!(killed.set_cookie().is_some());
    assert_eq!(killed.header("clear-site-data"), "");
}
