//! Lifetimes and addresses of sessions in a folder, by a clock that the test sets.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{body::Body, extract::ConnectInfo};
use http::{HeaderValue, Request};
use session_tower::{Config, ManualClock, SessionLayer, Sessions, Timestamp};
use store_disk::DiskStore;

use crate::support::{Answer, Browser, ip, routes};

const MILLISECOND: Duration = Duration::from_millis(1);
const TIMEOUT: Duration = Duration::from_secs(600);
const LIFETIME: Duration = Duration::from_secs(1_500);

struct Disk {
    folder: tempfile::TempDir,
    clock: Arc<ManualClock>,
}

impl Disk {
    fn new() -> Self {
        let clock = ManualClock::new(Timestamp::from_millis(1 << 40));
        Self { folder: tempfile::tempdir().unwrap(), clock: Arc::new(clock) }
    }

    fn browser(&self) -> Browser {
        let config = Config {
            ignore_expiry: false,
            ignore_change_ip: false,
            timeout: TIMEOUT,
            max_lifetime: LIFETIME,
            touch_interval: MILLISECOND,
            ..Config::plain_http()
        };
        let store = DiskStore::open(self.folder.path().join("sessions")).unwrap();
        let sessions = Sessions::new(store, config).unwrap().with_clock(self.clock.clone());
        let layer = SessionLayer::new(sessions).trusted_proxies("x-forwarded-for", ["10.0.0.0/8"]).unwrap();
        Browser::new(routes().layer(layer))
    }
}

async fn come(browser: &Browser, path: &str, visitor: &'static str) -> Answer {
    let through_the_proxy = |request: &mut Request<Body>| {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(ip("10.1.1.1"), 4711)));
        request.headers_mut().insert("x-forwarded-for", HeaderValue::from_static(visitor));
    };
    browser.get_with(path, through_the_proxy).await
}

#[tokio::test]
async fn a_session_lives_to_the_millisecond() {
    for (pauses, last) in [(vec![], TIMEOUT), (vec![Duration::from_secs(500); 2], Duration::from_secs(500))] {
        for (pause, status) in [(last - MILLISECOND, 200), (last, 403)] {
            let disk = Disk::new();
            let browser = disk.browser();
            come(&browser, "/count", "192.0.2.1").await;
            for pause in &pauses {
                disk.clock.advance(*pause);
                assert_eq!(come(&browser, "/read", "192.0.2.1").await.text, "1");
            }
            disk.clock.advance(pause);
            assert_eq!(come(&browser, "/read", "192.0.2.1").await.status, status, "{pauses:?} {pause:?}");
        }
    }
}

#[tokio::test]
async fn another_address_behind_a_listed_proxy_is_refused() {
    let disk = Disk::new();
    let browser = disk.browser();
    assert_eq!(come(&browser, "/count", "192.0.2.1").await.text, "1");
    assert_eq!(come(&browser, "/count", "192.0.2.2").await.status, 403);
    assert_eq!(come(&browser, "/count", "192.0.2.1").await.text, "2");
}
