//! The most sessions that a store may hold.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE};
use tokio::time::sleep;

use crate::{
    browser::Browser,
    server::{Place, stores},
};

const CAP: usize = 5;

#[tokio::test]
async fn an_evicted_visitor_starts_afresh_and_a_login_outlasts_visits() {
    for store in stores() {
        let place = Place::new();
        let server = place.start(&["--store", &place.url(store), "--max-sessions", &CAP.to_string()]);
        assert!(server.line.contains(", 5 at most, and"), "{}", server.line);
        let mut ada = Browser::new(server.address);
        ada.get("/login?user=Ada").await;
        let mut visitors = vec![Browser::new(server.address); 2 * CAP];
        for visitor in &mut visitors {
            assert_eq!(visitor.count().await, 1, "{store}");
            // The oldest is told by milliseconds, and nobody sets the program's clock.
            sleep(Duration::from_millis(2)).await;
        }
        assert!(ada.is_logged_in().await, "{store}: visits ended a login");
        let mut evicted = visitors.remove(0);
        let old = evicted.cookie.clone();
        assert_eq!(evicted.count().await, 1, "{store}: the oldest visit was not evicted");
        assert_ne!(evicted.cookie, old, "{store}: the evicted ticket came back");
        assert_eq!(evicted.count().await, 2, "{store}");
        assert_eq!(visitors.pop().unwrap().count().await, 2, "{store}: the newest visit was evicted");
    }
}

/// Returns the key that an operator reads for the session of this cookie.
fn key(cookie: &str) -> String {
    let ticket = URL_SAFE.decode(cookie.strip_prefix("id=").unwrap()).unwrap();
    ticket[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn the_cap_tells_whom_it_evicted() {
    for store in stores() {
        let place = Place::new();
        let arguments = ["--store", &place.url(store), "--max-sessions", "2"];
        let server = place.start_logging(&arguments, "session_core=debug");
        let mut visitors = vec![Browser::new(server.address); 4];
        for visitor in &mut visitors {
            visitor.count().await;
            sleep(Duration::from_millis(2)).await;
        }
        let log = server.log();
        let told: Vec<_> = log.lines().filter(|line| line.contains("event=\"evicted\"")).collect();
        assert_eq!(told.len(), 2, "{store}: {log}");
        for (line, visitor) in told.iter().zip(&visitors) {
            assert!(line.contains(&format!("key={}", key(&visitor.cookie))), "{store}: {line}");
        }
    }
}

#[tokio::test]
async fn an_expired_session_that_makes_room_is_not_told_as_evicted() {
    for store in stores() {
        let place = Place::new();
        let file = place.configuration("timeout = 1");
        let arguments = ["--store", &place.url(store), "--max-sessions", "1", "--config", &file];
        let server = place.start_logging(&arguments, "session_core=debug");
        Browser::new(server.address).count().await;
        sleep(Duration::from_millis(1_500)).await;
        Browser::new(server.address).count().await;
        assert!(!server.log().contains("evicted"), "{store}: {}", server.log());
    }
}

#[test]
fn a_cap_that_is_none_is_refused() {
    let place = Place::new();
    for cap in ["0", "-1", "many"] {
        let said = place.refused(&["--store", "memory:", &format!("--max-sessions={cap}")]);
        assert!(said.contains("--max-sessions"), "{cap}: {said}");
    }
}
