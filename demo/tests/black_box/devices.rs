//! The list of a visitor's sessions, and the ends of those elsewhere.

use crate::{
    browser::Browser,
    client::Answer,
    server::{Place, Server, stores},
};

async fn visitor(server: &Server, name: &str) -> Browser {
    let mut browser = Browser::new(server.address);
    browser.get(&format!("/login?user={name}")).await;
    browser
}

/// Returns the values of a hidden field, in the order of the page.
fn fields(page: &str, name: &str) -> Vec<String> {
    let begin = format!("name=\"{name}\" value=\"");
    page.split(&begin).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

async fn page(browser: &mut Browser) -> String {
    let Answer { status: 200, body, .. } = browser.get("/devices").await else { panic!("no list") };
    body
}

async fn token(browser: &mut Browser) -> String {
    fields(&page(browser).await, "csrf").remove(0)
}

/// Returns the key of the session that the page marks as this one, and the others.
async fn keys(browser: &mut Browser) -> (String, Vec<String>) {
    let page = page(browser).await;
    let keys = fields(&page, "key");
    let this =
        page.split("<li>").skip(1).position(|one| one.contains("this one")).expect("this one is marked");
    (
        keys[this].clone(),
        keys.into_iter().enumerate().filter(|(at, _)| *at != this).map(|(_, key)| key).collect(),
    )
}

async fn end(browser: &mut Browser, key: &str) -> Answer {
    let token = token(browser).await;
    browser.post_form("/devices/end", &format!("csrf={token}&key={key}")).await
}

#[tokio::test]
async fn a_visitor_ends_sessions_one_by_one_or_all_others() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let mut here = visitor(&server, "Ada").await;
        let mut there = visitor(&server, "Ada").await;
        let mut third = visitor(&server, "Ada").await;
        let mut grace = visitor(&server, "Grace").await;
        let (this, others) = keys(&mut here).await;
        assert_eq!((others.len(), keys(&mut grace).await.1.len()), (2, 0), "{store}");
        let of_there = keys(&mut there).await.0;
        assert!(others.contains(&of_there) && of_there != this, "{store}");

        assert_eq!(end(&mut here, &of_there).await.header("location"), Some("/devices"), "{store}");
        assert!(!there.is_logged_in().await && third.is_logged_in().await, "{store}");
        assert_eq!(end(&mut here, &of_there).await.status, 303, "{store}: it has ended already");

        there.get("/login?user=Ada").await;
        let form = format!("csrf={}", token(&mut here).await);
        assert_eq!(here.post_form("/devices/end-others", &form).await.status, 303, "{store}");
        assert!(!there.is_logged_in().await && !third.is_logged_in().await, "{store}");
        assert!(here.is_logged_in().await && grace.is_logged_in().await, "{store}");
        assert_eq!(keys(&mut here).await.1.len(), 0, "{store}");

        let own = end(&mut here, &this).await;
        assert_eq!((own.header("location"), own.cookie()), (Some("/"), Some("")), "{store}");
        assert!(!here.is_logged_in().await, "{store}");
    }
}

#[tokio::test]
async fn nobody_ends_the_session_of_another() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let (mut ada, mut grace) = (visitor(&server, "Ada").await, visitor(&server, "Grace").await);
        let of_grace = keys(&mut grace).await.0;
        assert_eq!(end(&mut ada, &of_grace).await.status, 303, "{store}: whether there is one is not said");
        assert!(grace.is_logged_in().await, "{store}");
        assert_eq!(end(&mut ada, "no-key").await.status, 400, "{store}");
        let mut nobody = Browser::new(server.address);
        let page = page(&mut nobody).await;
        assert!(page.contains("You are not logged in") && page.contains("href=\"/login/form\""), "{store}");
        assert!(nobody.cookie.is_empty(), "{store}: a look at the list stores nothing");
    }
}

#[tokio::test]
async fn only_a_form_of_this_session_ends_one() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let mut ada = visitor(&server, "Ada").await;
        let mut there = visitor(&server, "Ada").await;
        let mut mallory = visitor(&server, "Mallory").await;
        let of_there = keys(&mut there).await.0;
        for forged in ["", "x", &token(&mut mallory).await, &token(&mut there).await] {
            for path in ["/devices/end", "/devices/end-others"] {
                let answer = ada.post_form(path, &format!("csrf={forged}&key={of_there}")).await;
                assert_eq!(answer.status, 403, "{store} {path}");
            }
        }
        let form = format!("csrf={}&key={of_there}", token(&mut ada).await);
        for path in ["/devices/end", "/devices/end-others"] {
            assert_eq!(ada.get(&format!("{path}?{form}")).await.status, 405, "{store} {path}");
        }
        assert!(there.is_logged_in().await, "{store}");
    }
}

#[tokio::test]
async fn a_post_from_another_site_is_refused_wherever_it_goes() {
    let place = Place::new();
    let server = place.serve("memory:");
    let mut ada = visitor(&server, "Ada").await;
    for header in [
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Origin: http://evil.example",
        "Origin: null",
    ] {
        for path in ["/logout", "/reset", "/login", "/start", "/devices/end-others", "/nowhere"] {
            let answer = ada.post_with(path, header).await;
            assert_eq!((answer.status, answer.header("set-cookie")), (403, None), "{header} {path}");
        }
    }
    assert!(ada.is_logged_in().await);
    let answer = ada.post_with("/logout", "Origin: http://localhost").await;
    assert_eq!((answer.status, answer.cookie()), (303, Some("")));
}

#[tokio::test]
async fn the_list_says_what_where_and_when_and_shows_no_ticket() {
    for store in stores() {
        let place = Place::new();
        let server = place.serve(store);
        let mut ada = Browser::new(server.address);
        let path = format!("/login?user=Ada&csrf={}", ada.token("/login/form").await);
        ada.post_with(&path, "User-Agent: Mozilla/5.0 (X11; Linux) Firefox/143.0").await;
        let page = page(&mut ada).await;
        for text in [
            "Firefox on Linux",
            "Created less than a minute ago",
            "last seen less than a minute ago",
            "From 127.0.0.1",
        ] {
            assert!(page.contains(text), "{store} {text}: {page}");
        }
        let ticket = ada.cookie.strip_prefix("id=").unwrap();
        assert!(!page.contains(ticket) && !page.contains(&ticket[22..]), "{store}");
    }
}
