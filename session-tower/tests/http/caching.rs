//! What caches are told.

use axum::{Router, response::IntoResponse, routing::get};
use session_tower::Session;

use crate::support::{World, add};

/// Returns what comes of the handler's `Cache-Control` and `Vary` where the session is created, and where it is read.
async fn heads(cache: &'static str, vary: &'static str) -> [(String, String); 2] {
    let handler = move |session: Session| async move {
        if session.is_new() {
            add(&session).unwrap();
        }
        let mut response = ().into_response();
        for (name, value) in [("cache-control", cache), ("vary", vary)] {
            if !value.is_empty() {
                response.headers_mut().append(name, value.parse().unwrap());
            }
        }
        response
    };
    let browser = World::new().browser(Router::new().route("/page", get(handler)));
    let (created, read) = (browser.get("/page").await, browser.get("/page").await);
    [created, read].map(|answer| (answer.header("cache-control"), answer.header("vary")))
}

#[tokio::test]
async fn what_depends_on_a_session_says_so_to_caches() {
    let table = [
        ("", "", "private, no-cache", "Cookie"),
        ("public, max-age=60", "", "public, max-age=60", "Cookie"),
        ("", "Accept-Encoding", "private, no-cache", "Accept-Encoding + Cookie"),
        ("", "accept, COOKIE", "private, no-cache", "accept, COOKIE"),
        ("", "Cookie2", "private, no-cache", "Cookie2 + Cookie"),
        ("", "*", "private, no-cache", "*"),
    ];
    for (cache, vary, read_cache, read_vary) in table {
        let [created, read] = heads(cache, vary).await;
        assert_eq!(
            created,
            ("no-store".into(), read_vary.into()),
            "with our cookie, after {cache:?} {vary:?}"
        );
        assert_eq!(read, (read_cache.into(), read_vary.into()), "without, after {cache:?} {vary:?}");
    }
}
