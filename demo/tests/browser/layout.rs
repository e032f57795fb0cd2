//! What the pages look like.

use std::{env, fs, path::Path};

use crate::{
    chromium::{Browser, Driver, Screen},
    server::Place,
};

/// As wide as a name may be, with nowhere to break it.
const LONG: &str = "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww";

/// The other routes answer plain text, which a phone lays out as it likes.
const PATHS: [&str; 8] = ["/", "/devices", "/form", "/frames", "/frames/1", "/live", "/slow", "/nowhere"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_scrolls_sideways() {
    let Some(driver) = Driver::start() else { return };
    let place = Place::new();
    let server = place.serve("memory:");
    for screen in [Screen::Phone, Screen::Desktop] {
        let browser = driver.browser(screen, &server).await;
        for path in PATHS {
            browser.goto(path).await;
            fits(&browser, screen, path, "visitor").await;
        }
        browser.goto(&format!("/start?name={LONG}&first_name={LONG}")).await;
        fits(&browser, screen, "/start", "visitor").await;
        browser.goto("/next").await;
        fits(&browser, screen, "/next", "visitor").await;
        browser.goto("/next").await;
        fits(&browser, screen, "/next", "again").await;
        browser.log_in(LONG).await;
        for path in ["/", "/devices"] {
            browser.goto(path).await;
            fits(&browser, screen, path, "long").await;
        }
        browser.client().clone().close().await.unwrap();
    }
}

async fn fits(browser: &Browser, screen: Screen, path: &str, who: &str) {
    let widths =
        "const page = document.documentElement; return [page.scrollWidth, page.clientWidth, innerWidth]";
    let widths = browser.client().execute(widths, vec![]).await.unwrap();
    let widths: Vec<u64> = serde_json::from_value(widths).unwrap();
    let [content, page, window] = widths[..] else { panic!("{widths:?}") };
    assert!(screen == Screen::Desktop || window == 375, "{path}: {window} is no phone");
    assert!(content <= page, "{path} as {who} on {screen:?}: {content} in {page}");
    if let Some(folder) = env::var_os("SCREENSHOTS") {
        let name = format!("{screen:?}-{who}-{}.png", path.replace(['/', '?'], "_"));
        fs::write(Path::new(&folder).join(name), browser.client().screenshot().await.unwrap()).unwrap();
    }
}
