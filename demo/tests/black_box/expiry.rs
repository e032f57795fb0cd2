//! Sessions that have expired.

use std::time::Duration;

use crate::{
    browser::Browser,
    server::{Place, stores},
};

/// Longer than the timeout of a second, which the clock outside this process measures.
const EXPIRED: Duration = Duration::from_millis(1_500);

#[tokio::test]
async fn an_expired_session_is_answered_with_the_message() {
    for store in stores() {
        let place = Place::new();
        let text = "timeout = 1\nignore_expiry = false\nexpired_message = \"Time is up & <gone>\"";
        let server = place.serve_configured(store, text);
        let mut browser = Browser::new(server.address);
        browser.count().await;
        tokio::time::sleep(EXPIRED).await;
        let answer = browser.get("/count").await;
        assert_eq!(answer.status, 403, "{store}");
        assert!(answer.body.contains("Time is up &amp; &lt;gone&gt;"), "{store} {}", answer.body);
        assert_eq!(browser.count().await, 1, "{store}: the visitor is told once");
    }
}

#[tokio::test]
async fn an_expired_session_is_quietly_a_new_one_by_default() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve_configured(store, "timeout = 1");
        let mut browser = Browser::new(server.address);
        assert_eq!(browser.count().await, 1, "{store}");
        let expired = browser.cookie.clone();
        tokio::time::sleep(EXPIRED).await;
        assert_eq!(browser.count().await, 1, "{store}");
        assert_ne!(browser.cookie, expired, "{store}");
    }
}
