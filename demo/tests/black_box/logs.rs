//! What is logged, and what must not be.

use crate::{
    browser::Browser,
    secrets::Secrets,
    server::{Place, stores},
};

const KEY: &str = "a key of thirty-two bytes or more";

#[tokio::test]
async fn no_ticket_value_or_key_is_logged_at_any_level() {
    for store in stores() {
        let place = Place::new();
        let file = place.configuration(&format!("secret_key = \"{KEY}\""));
        let mut server = place.start_logging(&["--store", &place.url(store), "--config", &file], "trace");
        let mut browser = Browser::new(server.address);
        let mut secrets = Secrets::default();
        for path in [
            "/count",
            "/login?user=Lovelace",
            "/start?name=Lovelace&first_name=planted",
            "/renew",
            "/slow?ms=0",
            "/slow?ms=planted",
            "/frames",
            "/frames/1/1",
            "/planted",
            "/next",
            "/count",
            "/logout",
        ] {
            browser.get(path).await;
            secrets.add(&browser.cookie);
        }
        let mut connection = browser.connect().await;
        for cookie in ["id=planted", "id=\"planted\"; other=planted"] {
            connection.get("/count", cookie).await.unwrap();
        }
        server.signal("TERM");
        server.wait();
        let log = server.log();
        assert!(log.contains("answered") && log.contains("/count"), "{store}: nothing is logged: {log}");
        assert_eq!(secrets.len(), 4, "{store}");
        assert!(!secrets.are_in(log.as_bytes()), "{store}: a part of a secret is logged: {log}");
        for planted in [KEY, "Lovelace", "planted"] {
            assert!(!log.contains(planted), "{store}: {planted} is logged: {log}");
        }
    }
}
