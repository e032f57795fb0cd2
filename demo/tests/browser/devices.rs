//! One browser ends the session of another.

use crate::{
    chromium::{Screen, on_every_store},
    server::Place,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_ends_the_session_of_a_second_browser() {
    on_every_store(async |driver, store| {
        let place = Place::new();
        let server = place.serve(store);
        let here = driver.browser(Screen::Desktop, &server).await;
        let there = driver.browser(Screen::Phone, &server).await;
        here.log_in("Ada").await;
        there.log_in("Ada").await;
        here.goto("/devices").await;
        let text = here.text().await;
        assert_eq!(text.matches("Chromium on ").count(), 2, "{store} {text}");
        assert_eq!(text.matches("this one").count(), 1, "{store} {text}");

        here.click("li:not(:has(.mark)) button").await;
        assert_eq!(here.path().await, "/devices", "{store}");
        assert_eq!(here.text().await.matches("Chromium on ").count(), 1, "{store}");
        there.goto("/").await;
        assert!(there.text().await.contains("You are not logged in."), "{store}");

        there.log_in("Ada").await;
        here.goto("/devices").await;
        here.click("form[action='/devices/end-others'] button").await;
        there.goto("/").await;
        assert!(there.text().await.contains("You are not logged in."), "{store}");
        here.goto("/").await;
        assert!(here.text().await.contains("You are logged in as Ada."), "{store}");
        for browser in [here, there] {
            browser.client().clone().close().await.unwrap();
        }
    })
    .await;
}
