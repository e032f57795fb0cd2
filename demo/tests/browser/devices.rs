//! One browser ends the session of another.

use crate::{
    chromium::{Driver, Screen},
    server::{Place, stores},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_ends_the_session_of_a_second_browser() {
    let Some(driver) = Driver::start() else { return };
    let mut used = (None, None);
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let here = driver.browser_again(used.0.take(), Screen::Desktop, &server).await;
        let there = driver.browser_again(used.1.take(), Screen::Phone, &server).await;
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
        used = (Some(here), Some(there));
    }
}
