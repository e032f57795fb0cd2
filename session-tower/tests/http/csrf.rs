//! Forms of ours and forms of other sites.

use axum::{Router, http::HeaderMap, routing::get};
use session_tower::{Error, Session};
use tracing::Level;

use crate::support::{Log, World, add};

/// `/form` gives a token, `/transfer` wants it.
fn forms() -> Router {
    let form = async |session: Session| -> Result<String, Error> {
        add(&session)?;
        session.commit().await?;
        Ok(session.csrf_token()?)
    };
    let transfer = async |session: Session, headers: HeaderMap| -> Result<(), Error> {
        let token = headers.get("x-csrf-token").and_then(|token| token.to_str().ok());
        session.check_csrf_token(token.unwrap_or_default())?;
        add(&session)
    };
    Router::new().route("/form", get(form)).route("/transfer", get(transfer))
}

#[tokio::test]
async fn a_form_of_the_session_is_served_and_a_forged_one_is_answered_with_403() {
    let world = World::new();
    let browser = world.browser(forms());
    let token = browser.get("/form").await.text;
    let with = |token: &str| {
        let token = token.parse().unwrap();
        move |request: &mut http::Request<axum::body::Body>| {
            request.headers_mut().insert("x-csrf-token", token);
        }
    };
    assert_eq!(browser.get_with("/transfer", with(&token)).await.status, 200);
    assert_eq!(browser.get("/read").await.text, "2");

    let stranger = browser.other();
    let theirs = stranger.get("/form").await.text;
    let (log, _guard) = Log::start();
    for forged in [theirs.as_str(), "AAAA", ""] {
        let answer = browser.get_with("/transfer", with(forged)).await;
        assert_eq!(answer.status, 403);
        assert!(answer.text.starts_with("This page is too old"), "{}", answer.text);
    }
    let lines = log.lines(Level::WARN);
    assert_eq!(lines.len(), 1, "one warning for the session: {lines:?}");
    assert!(lines.iter().all(|line| !line.contains(&theirs)), "{lines:?}");
    assert_eq!(browser.get("/read").await.text, "2");
}
