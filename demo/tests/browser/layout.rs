//! What the pages look like.

use std::{env, fs, path::Path};

use serde::de::DeserializeOwned;

use crate::{
    chromium::{Browser, Colors, Driver, Screen},
    server::Place,
};

/// As wide as a name may be, with nowhere to break it.
const LONG: &str = "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww";

/// What WCAG 2 asks of text, in its level AA.
const READABLE: f64 = 4.5;

const PATHS: [&str; 13] = [
    "/",
    "/login/form",
    "/devices",
    "/form",
    "/frames",
    "/frames/1",
    "/live",
    "/slow",
    "/slow?ms=0",
    "/count",
    "/renew",
    "/reset",
    "/nowhere",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_scrolls_sideways_and_all_text_is_readable_by_day_and_by_night() {
    let Some(driver) = Driver::start() else { return };
    let place = Place::new();
    let server = place.serve("memory:");
    for (screen, colors) in [
        (Screen::Phone, Colors::Light),
        (Screen::Phone, Colors::Dark),
        (Screen::Desktop, Colors::Light),
        (Screen::Desktop, Colors::Dark),
    ] {
        let browser = driver.browser_in(colors, screen, &server).await;
        let look = (screen, colors);
        for path in PATHS {
            browser.goto(path).await;
            fits(&browser, look, path, "visitor").await;
        }
        browser.goto(&format!("/start?name={LONG}&first_name={LONG}")).await;
        fits(&browser, look, "/start", "visitor").await;
        browser.goto("/next").await;
        fits(&browser, look, "/next", "visitor").await;
        browser.goto("/next").await;
        fits(&browser, look, "/next", "again").await;
        browser.log_in(LONG).await;
        for path in ["/", "/devices"] {
            browser.goto(path).await;
            fits(&browser, look, path, "long").await;
        }
        browser.client().clone().close().await.unwrap();
    }
}

async fn fits(browser: &Browser, (screen, colors): (Screen, Colors), path: &str, who: &str) {
    let widths: Vec<u64> = ask(
        browser,
        "const page = document.documentElement; return [page.scrollWidth, page.clientWidth, innerWidth]",
    )
    .await;
    let [content, page, window] = widths[..] else { panic!("{widths:?}") };
    assert!(screen == Screen::Desktop || window == 375, "{path}: {window} is no phone");
    assert!(content <= page, "{path} as {who} on {screen:?}: {content} in {page}");
    let dark: bool = ask(browser, "return matchMedia('(prefers-color-scheme: dark)').matches").await;
    assert_eq!(dark, colors == Colors::Dark, "{path}: the browser was told otherwise");
    let (contrast, where_it_is): (f64, String) = ask(browser, include_str!("contrast.js")).await;
    assert!(contrast >= READABLE, "{path} as {who} by {colors:?}: {contrast} at {where_it_is}");
    if let Some(folder) = env::var_os("SCREENSHOTS") {
        let name = format!("{screen:?}-{colors:?}-{who}-{}.png", path.replace(['/', '?'], "_"));
        fs::write(Path::new(&folder).join(name), browser.client().screenshot().await.unwrap()).unwrap();
    }
}

async fn ask<T: DeserializeOwned>(browser: &Browser, script: &str) -> T {
    serde_json::from_value(browser.client().execute(script, vec![]).await.unwrap()).unwrap()
}
