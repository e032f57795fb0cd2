//! The most sessions that a store may hold.

use std::time::Duration;

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

#[test]
fn a_cap_that_is_none_is_refused() {
    let place = Place::new();
    for cap in ["0", "-1", "many"] {
        let said = place.refused(&["--store", "memory:", &format!("--max-sessions={cap}")]);
        assert!(said.contains("--max-sessions"), "{cap}: {said}");
    }
}
