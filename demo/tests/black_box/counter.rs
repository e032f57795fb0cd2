//! The counter, one visitor at a time.

use crate::{
    browser::Browser,
    server::{Place, stores},
};

#[tokio::test]
async fn it_counts_and_a_reset_starts_over() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let mut browser = Browser::new(server.address);
        assert_eq!(
            [browser.count().await, browser.count().await, browser.count().await],
            [1, 2, 3],
            "{store}"
        );
        let killed = browser.cookie.clone();
        assert_eq!(browser.get("/reset").await.cookie(), Some(""), "{store}");
        assert_eq!(browser.count().await, 1, "{store}");
        assert_eq!(browser.with(&killed).count().await, 1, "{store}");
    }
}

#[tokio::test]
async fn a_form_that_is_posted_changes_the_same() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let mut browser = Browser::new(server.address);
        assert_eq!(browser.send("POST", "/count").await.body, "1", "{store}");
        assert_eq!(browser.send("POST", "/count").await.body, "2", "{store}");
        assert_eq!(browser.send("POST", "/reset").await.cookie(), Some(""), "{store}");
        assert_eq!(browser.count().await, 1, "{store}");
    }
}

#[tokio::test]
async fn two_browsers_count_for_themselves() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let (mut one, mut other) = (Browser::new(server.address), Browser::new(server.address));
        assert_eq!([one.count().await, one.count().await, other.count().await], [1, 2, 1], "{store}");
        other.get("/reset").await;
        assert_eq!([one.count().await, other.count().await], [3, 1], "{store}");
    }
}

#[tokio::test]
async fn an_untouched_visitor_gets_no_cookie() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let mut browser = Browser::new(server.address);
        for path in ["/", "/devices", "/next", "/reset", "/renew", "/logout", "/style.css", "/nowhere"] {
            let answer = browser.get(path).await;
            assert_eq!(answer.header("set-cookie"), None, "{store} {path}");
        }
    }
}

#[tokio::test]
async fn looking_whether_a_page_is_there_changes_nothing() {
    let place = Place::new();
    let server = place.serve("memory:");
    let mut browser = Browser::new(server.address);
    browser.count().await;
    for path in ["/count", "/reset", "/login", "/logout", "/next", "/renew"] {
        let answer = browser.send("HEAD", path).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, POST")), "{path}");
    }
    assert_eq!(browser.count().await, 2);
    assert_eq!(browser.send("HEAD", "/").await.status, 200);
}
