//! The applications of the manuals.

use fantoccini::cookies::Cookie;

use crate::{
    chromium::{Browser, Driver, Screen},
    server::Place,
};

async fn cookie(browser: &Browser) -> Option<Cookie<'static>> {
    let cookies = browser.client().get_all_cookies().await.unwrap();
    assert!(cookies.len() <= 1, "{cookies:?}");
    cookies.into_iter().next()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_counter_counts_and_the_cookie_is_stored_as_it_was_meant() {
    let Some(driver) = Driver::start() else { return };
    let place = Place::new();
    let server = place.serve("memory:");
    let browser = driver.browser(Screen::Desktop, &server).await;
    browser.goto("/").await;
    assert!(cookie(&browser).await.is_none(), "a page that keeps nothing sets no cookie");
    for count in 1..=5 {
        browser.goto("/count").await;
        assert!(browser.text().await.contains(&format!("This session has counted to {count}.")));
    }
    let kept = cookie(&browser).await.unwrap();
    assert_eq!((kept.name(), kept.value().len(), kept.path()), ("id", 48, Some("/")));
    assert_eq!((kept.http_only(), kept.secure()), (Some(true), Some(false)));
    assert_eq!(kept.same_site().map(|site| site.to_string()).as_deref(), Some("Lax"));
    assert_eq!(kept.expires(), None, "it ends with the browser");
    assert_eq!(browser.client().execute("return document.cookie", vec![]).await.unwrap(), "");
    browser.goto("/reset").await;
    assert!(cookie(&browser).await.is_none(), "the browser keeps no cookie of an ended session");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cookie_lasts_and_keeps_to_its_path_as_configured() {
    let Some(driver) = Driver::start() else { return };
    let place = Place::new();
    let text = "cookie_name = \"shop\"\ncookie_path = \"/count\"\nsame_site = \"strict\"\ncookie_max_age = \"1h\"\n\
                http_only = false";
    let server = place.serve_configured("memory:", text);
    let browser = driver.browser(Screen::Desktop, &server).await;
    browser.goto("/count").await;
    let kept = cookie(&browser).await.unwrap();
    assert_eq!((kept.name(), kept.http_only(), kept.path()), ("shop", Some(false), Some("/count")));
    assert_eq!(kept.same_site().map(|site| site.to_string()).as_deref(), Some("Strict"));
    assert!(kept.expires_datetime().is_some());
    let seen = browser.client().execute("return document.cookie", vec![]).await.unwrap();
    assert_eq!(seen, format!("shop={}", kept.value()));
    browser.goto("/").await;
    assert!(cookie(&browser).await.is_none(), "a page beside the path gets the cookie");
    browser.goto("/count").await;
    assert!(browser.text().await.contains("This session has counted to 2."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_logs_in_and_out() {
    let Some(driver) = Driver::start() else { return };
    let place = Place::new();
    let server = place.serve("memory:");
    let browser = driver.browser(Screen::Desktop, &server).await;
    browser.goto("/count").await;
    let before = cookie(&browser).await.unwrap();
    browser.log_in("Ada").await;
    assert_ne!(cookie(&browser).await.unwrap().value(), before.value(), "a login has a new ticket");
    browser.goto("/count").await;
    assert!(browser.text().await.contains("This session has counted to 2."));
    browser.goto("/").await;
    browser.click("a[href='/logout']").await;
    assert!(browser.text().await.contains("You are not logged in."));
    assert!(cookie(&browser).await.is_none());
    browser.click("a[href='/login']").await;
    assert!(browser.text().await.contains("You are logged in as visitor."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_form_is_remembered_until_the_session_is_closed() {
    let Some(driver) = Driver::start() else { return };
    let place = Place::new();
    let server = place.serve("memory:");
    let browser = driver.browser(Screen::Desktop, &server).await;
    browser.goto("/form").await;
    browser.fill("name", "Lovelace").await;
    browser.fill("first_name", "Ada <b>").await;
    browser.click("form button").await;
    assert!(browser.text().await.contains("Hello Ada <b>."));
    browser.click("a[href='/next']:not(nav a)").await;
    let text = browser.text().await;
    assert!(text.contains("Lovelace") && text.contains("Ada <b>"), "{text}");
    assert!(cookie(&browser).await.is_none());
    browser.click("main a[href='/next']").await;
    assert!(browser.text().await.contains("There is no such value"));
}
