//! Visitors who come from another address.

use std::net::SocketAddr;

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{HeaderValue, Request};
use session_tower::{Config, PeerAddress};

use crate::support::{Answer, Browser, World, ip, routes};

fn world() -> World {
    World::with(Config {
        ignore_change_ip: false,
        expired_message: "Who are you?".into(),
        ..Config::plain_http()
    })
}

/// Returns a visitor whose peer may be one of two listed proxies.
fn behind_proxies(world: &World) -> Browser {
    let layer = world.layer().trusted_proxies("x-forwarded-for", ["10.0.0.0/8", "2001:db8::1"]).unwrap();
    Browser::new(routes().layer(layer))
}

async fn count_from(browser: &Browser, peer: &str, forwarded: &[&'static str]) -> Answer {
    let come = |request: &mut Request<Body>| {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(ip(peer), 4711)));
        for line in forwarded {
            request.headers_mut().append("x-forwarded-for", HeaderValue::from_static(line));
        }
    };
    browser.get_with("/count", come).await
}

#[tokio::test]
async fn another_address_is_refused_and_harms_nothing() {
    let world = world();
    let browser = world.browser(Router::new());
    assert_eq!(count_from(&browser, "192.0.2.1", &[]).await.text, "1");
    let refused = count_from(&browser, "192.0.2.2", &[]).await;
    assert_eq!((refused.status.as_u16(), refused.text.as_str()), (403, "Who are you?"));
    assert_eq!((refused.set_cookie(), refused.header("cache-control").as_str()), (None, "no-store"));
    assert_eq!(count_from(&browser, "192.0.2.1", &[]).await.text, "2");
}

#[tokio::test]
async fn by_default_the_address_does_not_matter() {
    let browser = World::new().browser(Router::new());
    assert_eq!(count_from(&browser, "192.0.2.1", &[]).await.text, "1");
    assert_eq!(count_from(&browser, "192.0.2.2", &[]).await.text, "2");
    assert_eq!(browser.get("/count").await.text, "3");
}

#[tokio::test]
async fn an_ipv4_address_that_is_mapped_to_ipv6_is_the_same_one() {
    let world = world();
    let browser = world.browser(Router::new());
    count_from(&browser, "192.0.2.1", &[]).await;
    assert_eq!(count_from(&browser, "::ffff:192.0.2.1", &[]).await.text, "2");
}

#[tokio::test]
async fn the_peer_address_counts_before_the_connect_info() {
    let world = world();
    let browser = world.browser(Router::new());
    count_from(&browser, "192.0.2.1", &[]).await;
    let answer = browser.get_with("/count", |request| {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(ip("127.0.0.1"), 80)));
        request.extensions_mut().insert(PeerAddress(ip("192.0.2.1")));
    });
    assert_eq!(answer.await.text, "2");
}

#[tokio::test]
async fn without_an_address_nothing_is_skipped() {
    let world = world();
    let answer = world.browser(Router::new()).get("/count").await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (500, "The service has failed."));
    assert_eq!((world.store.calls(), answer.set_cookie()), (vec![], None));
}

#[tokio::test]
async fn behind_listed_proxies_the_header_tells() {
    let world = world();
    let browser = behind_proxies(&world);
    count_from(&browser, "10.1.1.1", &["192.0.2.1"]).await;
    let same: [(&str, &[&str]); 4] = [
        ("10.2.2.2", &["192.0.2.1, 10.3.3.3"]),
        ("2001:db8::1", &["192.0.2.1:4711", "10.3.3.3,[2001:db8::1]:80"]),
        ("10.1.1.1", &["192.0.2.2, ::ffff:192.0.2.1"]),
        ("192.0.2.1", &["192.0.2.2"]),
    ];
    for (peer, forwarded) in same {
        assert_eq!(count_from(&browser, peer, forwarded).await.status, 200, "{peer} {forwarded:?}");
    }
    let others: [(&str, &[&str]); 3] = [
        ("10.1.1.1", &["192.0.2.2"]),
        ("10.1.1.1", &["192.0.2.1, 192.0.2.2"]),
        ("192.0.2.2", &["192.0.2.1"]),
    ];
    for (peer, forwarded) in others {
        assert_eq!(count_from(&browser, peer, forwarded).await.status, 403, "{peer} {forwarded:?}");
    }
    let garbage: [(&str, &[&str]); 3] =
        [("10.1.1.1", &[]), ("10.1.1.1", &["unknown"]), ("10.1.1.1", &["192.0.2.1, , 10.3.3.3"])];
    for (peer, forwarded) in garbage {
        assert_eq!(count_from(&browser, peer, forwarded).await.status, 500, "{peer} {forwarded:?}");
    }
    assert_eq!(count_from(&browser, "192.0.2.1", &[]).await.text, "6", "nothing was lost, nothing came in");
}
