//! The end of the server.

use crate::{
    browser::Browser,
    server::{Place, STORES},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_ends_it_well_and_requests_in_flight_are_answered() {
    for store in STORES {
        for signal in ["TERM", "INT"] {
            let place = Place::new();
            let mut server = place.start_logging(&["--store", &place.url(store)], "demo=trace");
            let mut browser = Browser::new(server.address);
            browser.count().await;
            let mut slow = browser.clone();
            let slow = tokio::spawn(async move { slow.get("/slow?ms=500").await });
            while !server.log().contains("arrived method=GET route=\"/slow\"") {
                tokio::task::yield_now().await;
            }
            server.signal(signal);
            let answer = slow.await.unwrap();
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (200, "read 0, waited 500 ms, wrote 1"),
                "{store}"
            );
            assert!(server.wait().success(), "{store} {signal}");
            assert_eq!(server.printed(), "", "{store} {signal}: it says one line");
        }
    }
}

#[tokio::test]
async fn what_is_kept_in_a_folder_is_there_after_a_restart() {
    let place = Place::new();
    let mut server = place.serve("disk:PATH");
    let mut browser = Browser::new(server.address);
    assert_eq!(browser.count().await, 1);
    server.signal("TERM");
    assert!(server.wait().success());
    let server = place.serve("disk:PATH");
    browser = browser.at(&server);
    assert_eq!(browser.count().await, 2);
}
