//! Four frames of one page.

use tokio::task::JoinSet;

use crate::{
    browser::Browser,
    server::{Place, stores},
};

/// Returns the addresses of the frames of a page.
fn frames(page: &str) -> Vec<String> {
    let addresses = page.split("<iframe src=\"").skip(1);
    addresses.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// Loads frames all at once, as a browser does.
async fn load(browser: &Browser, frames: Vec<String>) {
    let mut requests = JoinSet::new();
    for frame in frames {
        let mut browser = browser.clone();
        requests.spawn(async move { browser.get(&frame).await });
    }
    for answer in requests.join_all().await {
        assert_eq!((answer.status, answer.header("set-cookie")), (200, None), "{}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_values_and_the_right_count_are_there_in_the_end() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let mut browser = Browser::new(server.address);
        for round in 1..=5 {
            let page = browser.get("/frames").await.body;
            assert!(!browser.cookie.is_empty(), "{store}: the cookie is there before the frames are");
            assert!(page.contains(&format!("url=/frames/{round}\"")), "{store} {page}");
            let frames = frames(&page);
            assert_eq!(frames.len(), 4, "{store} {page}");
            load(&browser, frames).await;
            let end = browser.get(&format!("/frames/{round}")).await.body;
            for frame in 1..=4 {
                assert!(end.contains(&format!("<dd>from frame {frame}</dd>")), "{store} {end}");
            }
            assert!(end.contains("<dt>Counter</dt><dd>4</dd>"), "{store} {end}");
            assert!(end.contains("nothing was lost") && !end.contains("http-equiv"), "{store} {end}");
        }
    }
}

#[tokio::test]
async fn frames_that_did_not_arrive_are_asked_for_again() {
    let place = Place::new();
    let server = place.serve("memory:");
    let mut browser = Browser::new(server.address);
    browser.get("/frames").await;
    load(&browser, vec!["/frames/1/2".into(), "/frames/1/3".into()]).await;
    let page = browser.get("/frames/1").await.body;
    assert_eq!(frames(&page), ["/frames/1/1", "/frames/1/4"]);
    load(&browser, frames(&page)).await;
    assert!(browser.get("/frames/1").await.body.contains("<dt>Counter</dt><dd>4</dd>"));
}

#[tokio::test]
async fn frames_of_an_earlier_page_do_not_count() {
    let place = Place::new();
    let server = place.serve("memory:");
    let mut browser = Browser::new(server.address);
    browser.get("/frames").await;
    browser.get("/frames").await;
    for path in ["/frames/1", "/frames/1/1", "/frames/3/1"] {
        assert_eq!(browser.get(path).await.status, 409, "{path}");
    }
    for (path, status) in
        [("/frames/2/0", 404), ("/frames/2/5", 404), ("/frames/x", 400), ("/frames/2/x", 400)]
    {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.body.starts_with("<!DOCTYPE html>"), "{path}: {}", answer.body);
    }
    assert_eq!(frames(&browser.get("/frames/2").await.body).len(), 4);
}
