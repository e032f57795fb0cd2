//! Whoever tries tickets is seen before a handler runs.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Extension,
    extract::{Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use session_tower::{PeerAddress, Session, session_core::Found};

use crate::support::{Answer, Browser, World, ip, routes};

/// How many tickets that open nothing each address has shown.
type Guesses = Arc<Mutex<HashMap<IpAddr, u32>>>;

async fn limit(
    State(guesses): State<Guesses>,
    Extension(PeerAddress(address)): Extension<PeerAddress>,
    session: Session,
    request: Request,
    next: Next,
) -> Response {
    let guesses = {
        let mut all = guesses.lock().unwrap();
        let count = all.entry(address).or_default();
        *count += u32::from(matches!(session.found(), Found::Gone | Found::Malformed));
        *count
    };
    if guesses > 3 { StatusCode::TOO_MANY_REQUESTS.into_response() } else { next.run(request).await }
}

async fn come(browser: &Browser, from: &str) -> Answer {
    let peer = PeerAddress(ip(from));
    browser.get_with("/count", |request| _ = request.extensions_mut().insert(peer)).await
}

#[tokio::test]
async fn a_middleware_turns_away_who_guesses_and_nobody_else() {
    let world = World::new();
    let guarded = routes().layer(from_fn_with_state(Guesses::default(), limit));
    let guesser = Browser::new(guarded.layer(world.layer()));
    let visitor = guesser.other();
    for (guess, status) in
        [("A".repeat(48), 200), ("x".into(), 200), ("B".repeat(48), 200), ("C".repeat(48), 429)]
    {
        guesser.set_cookie(&format!("id={guess}"));
        assert_eq!(come(&guesser, "192.0.2.1").await.status, status, "{guess}");
    }
    for count in ["1", "2", "3", "4", "5"] {
        assert_eq!(come(&visitor, "192.0.2.2").await.text, count);
    }
}
