//! The end of the server.

use crate::{
    browser::Browser,
    server::{Place, Server, lasting_stores, stores},
};

/// What is logged when requests in flight are not waited for any longer.
const DROPPED: &str = "took too long and were dropped";

/// Waits until a request has reached this route.
async fn arrived(server: &Server, route: &str) {
    while !server.log().lines().any(|line| line.contains("arrived") && line.contains(&format!("{route:?}"))) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_ends_it_well_and_requests_in_flight_are_answered() {
    for store in stores() {
        for signal in ["TERM", "INT"] {
            let place = Place::new();
            let mut server = place.start_logging(&["--store", &place.url(store)], "demo=trace");
            let mut browser = Browser::new(server.address);
            browser.count().await;
            let mut idle = browser.connect().await;
            idle.get("/", "").await.unwrap();
            let mut slow = browser.clone();
            let slow = tokio::spawn(async move { slow.get("/slow?ms=500").await });
            arrived(&server, "/slow").await;
            server.signal(signal);
            let answer = slow.await.unwrap();
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (200, "read 0, waited 500 ms, wrote 1"),
                "{store}"
            );
            assert!(server.wait().success(), "{store} {signal}");
            assert!(!server.log().contains(DROPPED), "{store} {signal}: an idle connection held it up");
            assert_eq!(server.printed(), "", "{store} {signal}: it says one line");
        }
    }
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_hold_it_up_for_ever() {
    let place = Place::new();
    let mut server = place.start_logging(&["--store", "memory:"], "demo=trace");
    let mut connection = Browser::new(server.address).connect().await;
    let unfinished = "POST /start HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\
                      Content-Type: application/x-www-form-urlencoded\r\n\r\nname";
    connection.write(unfinished.as_bytes()).await.unwrap();
    arrived(&server, "/start").await;
    server.signal("TERM");
    assert!(server.wait().success());
    assert!(server.log().contains(DROPPED), "{}", server.log());
}

#[tokio::test]
async fn a_connection_with_half_a_head_is_not_waited_for() {
    let place = Place::new();
    let mut server = place.start_logging(&["--store", "memory:"], "demo=trace");
    let mut connection = Browser::new(server.address).connect().await;
    // The first request is answered, so the server has the connection when it is told to end.
    connection.get("/count", "").await.unwrap();
    connection.write(b"GET /count HTTP/1.1\r\nHost: loc").await.unwrap();
    server.signal("TERM");
    assert!(server.wait().success());
    assert!(!server.log().contains(DROPPED), "{}", server.log());
}

#[tokio::test]
async fn what_is_kept_on_a_disk_is_there_after_a_restart() {
    for store in lasting_stores() {
        let place = Place::new();
        let mut server = place.serve(store);
        let mut browser = Browser::new(server.address);
        assert_eq!(browser.count().await, 1);
        server.signal("TERM");
        assert!(server.wait().success());
        let server = place.serve(store);
        browser = browser.at(&server);
        assert_eq!(browser.count().await, 2, "{store}");
    }
}
