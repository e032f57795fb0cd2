//! Visitors whose address changes.

use crate::{
    browser::Browser,
    server::{Place, stores},
};

const ELSEWHERE: [u8; 4] = [127, 0, 0, 2];

#[tokio::test]
async fn another_address_is_refused_and_the_session_stays_as_it_is() {
    for store in stores() {
        let place = Place::new();
        let text = "ignore_change_ip = false\nexpired_message = \"Who are you?\"";
        let server = place.serve_configured(store, text);
        let mut browser = Browser::new(server.address);
        assert_eq!(browser.count().await, 1, "{store}");
        let refused = browser.moved_to(ELSEWHERE).get("/count").await;
        assert_eq!((refused.status, refused.header("set-cookie")), (403, None), "{store}");
        assert!(refused.body.contains("Who are you?"), "{store} {}", refused.body);
        assert_eq!(browser.count().await, 2, "{store}");
    }
}

#[tokio::test]
async fn another_address_is_served_by_default() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let mut browser = Browser::new(server.address);
        assert_eq!(browser.count().await, 1, "{store}");
        assert_eq!(browser.moved_to(ELSEWHERE).count().await, 2, "{store}");
    }
}
