//! What cookies do, honest and hostile ones.

use axum::{
    Router,
    response::{AppendHeaders, IntoResponse},
    routing::get,
};
use http::{HeaderValue, header::COOKIE, header::SET_COOKIE};
use session_tower::{Config, Found, SameSite, Session, Shut};

use crate::support::{World, add};

async fn found(session: Session) -> String {
    format!("{:?}", session.found())
}

#[tokio::test]
async fn a_hostile_cookie_starts_a_fresh_session_and_is_never_adopted() {
    let long = "a".repeat(5_000);
    let unknown = "A".repeat(48);
    for hostile in ["/etc/passwd", "../../x", "%0A", "\"", "\"a\"", "", "a\tb", &long, &unknown] {
        let browser = World::new().browser(Router::new());
        browser.set_cookie(&format!("id={hostile}"));
        let answer = browser.get("/count").await;
        assert_eq!(answer.text, "1", "{hostile}");
        assert_ne!(browser.cookie().unwrap(), format!("id={hostile}"));
        assert_eq!(browser.get("/count").await.text, "2", "{hostile}");
    }
}

#[tokio::test]
async fn a_malformed_cookie_beside_the_good_one_does_not_hide_it() {
    let browser = World::new().browser(Router::new());
    browser.get("/count").await;
    let good = browser.cookie().unwrap();
    for cookies in
        [format!("id=x; {good}"), format!("{good}; id=../../x"), format!("id; =; ;; a=b; {good}; id=\"")]
    {
        browser.set_cookie(&cookies);
        assert_eq!(browser.get("/read").await.text, "1", "{cookies}");
    }
}

#[tokio::test]
async fn a_ticket_anywhere_but_in_the_cookie_opens_nothing() {
    let browser = World::new().browser(Router::new().route("/found", get(found)));
    browser.get("/count").await;
    let cookie = browser.cookie().unwrap();
    let ticket = cookie.strip_prefix("id=").unwrap().to_owned();
    let stranger = browser.other();
    for path in [format!("/found?{cookie}"), format!("/found?session={ticket}"), format!("/found;{cookie}")] {
        let answer = stranger.get(&path).await;
        assert!(answer.status == 404 || answer.text == "New", "{path}: {}", answer.text);
    }
    for name in ["authorization", "x-session-id", "referer", "set-cookie", "cookie2", "id"] {
        for value in [&cookie, &ticket, &format!("Bearer {ticket}")] {
            let value = HeaderValue::from_str(value).unwrap();
            let answer =
                stranger.get_with("/found", |request| drop(request.headers_mut().insert(name, value)));
            assert_eq!(answer.await.text, "New", "{name}");
        }
    }
    assert_eq!(browser.get("/found").await.text, "Live");
}

#[tokio::test]
async fn all_cookie_headers_of_a_request_count() {
    let browser = World::new().browser(Router::new());
    browser.get("/count").await;
    let answer = browser.get_with("/read", |request| {
        let ours = request.headers_mut().remove(COOKIE).unwrap();
        let junk = HeaderValue::from_bytes(b"junk=\xff").unwrap();
        for line in [HeaderValue::from_static("theme=dark"), ours, junk] {
            request.headers_mut().append(COOKIE, line);
        }
    });
    assert_eq!(answer.await.text, "1");
}

#[tokio::test]
async fn two_live_cookies_shut_the_request_out() {
    let ada = World::new().browser(Router::new().route("/found", get(found)));
    let bob = ada.other();
    ada.get("/count").await;
    bob.get("/count").await;
    let both = format!("{}; {}", ada.cookie().unwrap(), bob.cookie().unwrap());
    let torn = ada.other();
    torn.set_cookie(&both);
    assert_eq!(torn.get("/found").await.text, format!("{:?}", Found::Shut(Shut::Ambiguous)));
    let answer = torn.get("/read").await;
    assert_eq!((answer.text.as_str(), answer.set_cookie()), ("0", None));
    assert_eq!(torn.get("/count").await.status, 503, "its explicit commit says that nothing was kept");
    torn.get("/kill").await;
    assert_eq!((ada.get("/read").await.text, bob.get("/read").await.text), ("1".into(), "1".into()));
}

#[tokio::test]
async fn the_cookie_has_the_configured_attributes() {
    let table = [
        (Config::default(), "__Host-id=TICKET; HttpOnly; SameSite=Lax; Secure; Path=/"),
        (Config::plain_http(), "id=TICKET; HttpOnly; SameSite=Lax; Path=/"),
        (
            Config { http_only: false, same_site: SameSite::Strict, ..Config::plain_http() },
            "id=TICKET; SameSite=Strict; Path=/",
        ),
    ];
    for (config, expected) in table {
        let browser = World::with(config).browser(Router::new());
        let answer = browser.get("/count").await;
        let cookie = browser.cookie().unwrap();
        let (_, ticket) = cookie.split_once('=').unwrap();
        assert_eq!(answer.set_cookie().unwrap().replace(ticket, "TICKET"), expected);
        assert_eq!(ticket.len(), 48);
        let removed = browser.get("/kill").await;
        let expected = format!("{}; Max-Age=0", expected.replace("TICKET", ""));
        assert_eq!(removed.set_cookie(), Some(expected.as_str()));
    }
}

#[tokio::test]
async fn the_cookies_that_others_set_stay() {
    async fn themed(session: Session) -> impl IntoResponse {
        add(&session).unwrap();
        AppendHeaders([(SET_COOKIE, "theme=dark"), (SET_COOKIE, "lang=en")])
    }
    let browser = World::new().browser(Router::new().route("/themed", get(themed)));
    let answer = browser.get("/themed").await;
    let all: Vec<_> =
        answer.headers.get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap()).collect();
    assert_eq!(all, ["theme=dark", "lang=en", answer.set_cookie().unwrap()]);
}
