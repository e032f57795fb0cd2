//! The manuals' other applications.

use crate::{
    browser::Browser,
    server::{Place, stores},
};

const HOSTILE: &str = "%3Cscript%3Ealert('1')%3C/script%3E%22%20onload=%22x";

fn is_escaped(page: &str) -> bool {
    page.contains("&lt;script&gt;") && !page.contains("<script") && !page.contains("\" onload")
}

#[tokio::test]
async fn a_visitor_logs_in_and_out() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let mut browser = Browser::new(server.address);
        let page = browser.get("/").await;
        assert!(
            page.body.contains("You are not logged in.") && page.body.contains("href=\"/login\""),
            "{store}"
        );
        let login = browser.get("/login").await;
        assert_eq!((login.status, login.header("location")), (303, Some("/")), "{store}");
        let page = browser.get("/").await;
        assert!(page.body.contains("You are logged in as <strong>visitor</strong>"), "{store} {}", page.body);
        assert!(page.body.contains("href=\"/logout\""), "{store}");
        let logout = browser.send("POST", "/logout").await;
        assert_eq!((logout.status, logout.header("location")), (303, Some("/")), "{store}");
        assert!(!browser.is_logged_in().await, "{store}");
        browser.submit("/login/form", "/login", "user=Ada+Lovelace").await;
        assert!(browser.get("/").await.body.contains("<strong>Ada Lovelace</strong>"), "{store}");
    }
}

#[tokio::test]
async fn the_form_is_remembered_until_the_session_is_closed() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let mut browser = Browser::new(server.address);
        let form = browser.get("/form").await.body;
        assert!(form.contains("name=\"name\"") && form.contains("name=\"first_name\""), "{store} {form}");
        let started = browser.get("/start?name=Lovelace&first_name=Ada").await;
        assert!(started.status == 200 && started.body.contains("href=\"/next\""), "{store} {}", started.body);
        let next = browser.get("/next").await;
        assert!(next.body.contains("Lovelace") && next.body.contains("Ada"), "{store} {}", next.body);
        assert_eq!(next.cookie(), Some(""), "{store}");
        let again = browser.get("/next").await;
        assert!(again.body.contains("There is no such value") && !again.body.contains("Ada"), "{store}");
        browser.submit("/form", "/start", "name=Hopper&first_name=Grace").await;
        assert!(browser.get("/next").await.body.contains("Hopper"), "{store}");
    }
}

#[tokio::test]
async fn no_name_becomes_markup() {
    let place = Place::new();
    let server = place.serve("memory:");
    let mut browser = Browser::new(server.address);
    browser.get(&format!("/login?user={HOSTILE}")).await;
    assert!(is_escaped(&browser.get("/").await.body));
    let started = browser.get(&format!("/start?name={HOSTILE}&first_name={HOSTILE}")).await;
    assert!(is_escaped(&started.body));
    assert!(is_escaped(&browser.get("/next").await.body));
}

#[tokio::test]
async fn a_slow_request_says_what_it_did() {
    let place = Place::new();
    let server = place.serve("memory:");
    let mut browser = Browser::new(server.address);
    assert_eq!(browser.get("/slow?ms=0").await.body, "read 0, waited 0 ms, wrote 1");
    assert_eq!(browser.send("POST", "/slow?ms=1").await.body, "read 1, waited 1 ms, wrote 2");
    assert_eq!(browser.post_form("/slow", "ms=2").await.body, "read 2, waited 2 ms, wrote 3");
}

#[tokio::test]
async fn a_bad_request_is_told_why_and_changes_nothing() {
    let place = Place::new();
    let server = place.serve("memory:");
    let mut browser = Browser::new(server.address);
    let long = format!("/login?user={}", "x".repeat(81));
    let owner = format!("/login?user={}", "%F0%9F%A6%80".repeat(80));
    for (path, says) in [
        ("/slow", "/slow?ms=N"),
        ("/slow?ms=", "/slow?ms=N"),
        ("/slow?ms=-1", "/slow?ms=N"),
        ("/slow?ms=5001", "/slow?ms=N"),
        ("/slow?ms=1.5", "/slow?ms=N"),
        ("/slow?ms=99999999999999999999", "/slow?ms=N"),
        ("/slow?ms=1&ms=1", "`ms` is there more than once"),
        ("/login?user=", "`user` is empty"),
        ("/login?user=%FF", "not UTF-8"),
        (&long, "`user` is too long"),
        (&owner, "more than 255 bytes"),
        ("/start", "`name` is missing"),
        ("/start?name=x", "`first_name` is missing"),
        ("/start?name=x&first_name=+", "`first_name` is empty"),
    ] {
        let answer = browser.get(path).await;
        assert_eq!((answer.status, answer.header("set-cookie")), (400, None), "{path}");
        assert!(answer.body.contains(says), "{path}: {}", answer.body);
    }
    let large = format!("name={}", "x".repeat(20_000));
    assert!(browser.post_form("/start", &large).await.body.contains("larger than 16 KiB"));
    assert_eq!(browser.get("/nowhere").await.status, 404);
}

#[tokio::test]
async fn every_page_may_do_as_little_as_it_needs() {
    let place = Place::new();
    let server = place.serve("memory:");
    let mut browser = Browser::new(server.address);
    for path in ["/", "/count", "/form", "/frames", "/nowhere", "/slow", "/style.css"] {
        let answer = browser.get(path).await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
}
