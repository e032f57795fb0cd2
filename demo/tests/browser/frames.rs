//! Four frames that a browser asks for all at once.

use crate::{
    chromium::{Browser, Driver, Screen},
    server::{Place, stores},
};

const LOADS: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_values_and_the_right_count_are_there_every_time() {
    let Some(driver) = Driver::start() else { return };
    let mut used = None;
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let browser = driver.browser_again(used.take(), Screen::Desktop, &server).await;
        for load in 1..=LOADS {
            // The page has loaded when its frames have.
            browser.goto("/frames").await;
            browser.goto(&format!("/frames/{load}")).await;
            browser.wait_for("main dl").await;
            holds_everything(&browser, &format!("{store} {load}")).await;
        }
        used = Some(browser);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_goes_on_by_itself_to_what_the_session_holds() {
    let Some(driver) = Driver::start() else { return };
    let place = Place::new();
    let server = place.serve("memory:");
    let browser = driver.browser(Screen::Desktop, &server).await;
    browser.goto("/frames").await;
    browser.wait_for("main dl").await;
    holds_everything(&browser, "by itself").await;
}

async fn holds_everything(browser: &Browser, when: &str) {
    let text = browser.text().await;
    for frame in 1..=4 {
        assert!(text.contains(&format!("from frame {frame}")), "{when}: {text}");
    }
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.windows(2).any(|pair| pair == ["Counter", "4"]), "{when}: {text}");
    assert!(text.contains("nothing was lost"), "{when}: {text}");
}
