//! The forms of the manuals' applications, as another site would have a visitor send them.

use crate::{
    browser::Browser,
    client::Answer,
    server::{Place, stores},
};

/// Each form: its page, where it is sent, what the visitor fills in, and what the answer to it has.
const FORMS: [(&str, &str, &str, u16); 2] =
    [("/login/form", "/login", "user=Ada", 303), ("/form", "/start", "name=Lovelace&first_name=Ada", 200)];

/// What the session of this browser holds of a form that was sent.
async fn is_kept(browser: &mut Browser) -> bool {
    browser.is_logged_in().await || browser.get("/next").await.body.contains("Lovelace")
}

async fn post(browser: &mut Browser, to: &str, token: &str, fields: &str) -> Answer {
    browser.post_form(to, &format!("{fields}&csrf={token}")).await
}

#[tokio::test]
async fn a_form_with_the_token_of_its_page_goes_through() {
    for store in stores() {
        for (page, to, fields, status) in FORMS {
            let place = Place::new();
            let server = place.serve(store);
            let mut browser = Browser::new(server.address);
            assert_eq!(browser.submit(page, to, fields).await.status, status, "{store} {to}");
            assert!(is_kept(&mut browser).await, "{store} {to}");
        }
    }
}

#[tokio::test]
async fn a_form_without_a_token_or_with_that_of_another_session_is_refused() {
    for store in stores() {
        for (page, to, fields, _) in FORMS {
            let place = Place::new();
            let server = place.serve(store);
            let (mut browser, mut mallory) = (Browser::new(server.address), Browser::new(server.address));
            let foreign = mallory.token(page).await;
            browser.token(page).await;
            let without = browser.post_form(to, fields).await;
            assert_eq!((without.status, without.header("set-cookie")), (403, None), "{store} {to}");
            assert!(without.body.contains("load it again"), "{store} {to}: {}", without.body);
            for token in ["", "x", &foreign] {
                let refused = post(&mut browser, to, token, fields).await;
                assert_eq!((refused.status, refused.header("set-cookie")), (403, None), "{store} {to}");
            }
            // Whoever has no session has no token either.
            let mut stranger = Browser::new(server.address);
            assert_eq!(post(&mut stranger, to, &foreign, fields).await.status, 403, "{store} {to}");
            assert!(stranger.cookie.is_empty(), "{store} {to}");
            assert!(!is_kept(&mut browser).await, "{store} {to}");
        }
    }
}

#[tokio::test]
async fn a_form_from_before_the_login_is_refused_after_it() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let mut browser = Browser::new(server.address);
        let old = browser.token("/form").await;
        browser.submit("/login/form", "/login", "user=Ada").await;
        let refused = post(&mut browser, "/start", &old, "name=Lovelace&first_name=Ada").await;
        assert_eq!(refused.status, 403, "{store}");
        assert!(browser.is_logged_in().await, "{store}");
    }
}
