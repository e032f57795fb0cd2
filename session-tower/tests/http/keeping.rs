//! Handles that outlive the response.

use std::{sync::Arc, time::Duration};

use axum::{Router, routing::get};
use session_tower::Session;
use tokio::sync::Mutex;

use crate::support::{Browser, Call, Fault, World, add};

/// Returns a visitor of an application whose `/keep` keeps the handle.
fn keeping(world: &World) -> (Browser, Arc<Mutex<Option<Session>>>) {
    let kept = Arc::<Mutex<Option<Session>>>::default();
    let keep = {
        let kept = kept.clone();
        async move |session: Session| {
            add(&session).unwrap();
            *kept.lock().await = Some(session);
        }
    };
    (world.browser(Router::new().route("/keep", get(keep))), kept)
}

#[tokio::test]
async fn a_handle_that_is_kept_commits_by_itself() {
    let world = World::new();
    let (browser, kept) = keeping(&world);
    browser.get("/keep").await;
    let session = kept.lock().await.take().unwrap();
    for expected in ["2", "3"] {
        add(&session).unwrap();
        session.commit().await.unwrap();
        assert_eq!(browser.get("/read").await.text, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn each_of_its_commits_has_the_whole_timeout() {
    let world = World::new();
    let (browser, kept) = keeping(&world);
    world.store.fault(Call::Save, Fault::Takes(Duration::from_secs(3)));
    browser.get("/keep").await;
    let session = kept.lock().await.take().unwrap();
    for _ in 0..4 {
        add(&session).unwrap();
        session.commit().await.unwrap();
    }
    world.store.fault(Call::Save, Fault::Hangs);
    add(&session).unwrap();
    let error = session.commit().await.unwrap_err();
    assert!(matches!(error, session_tower::Error::Timeout(session_tower::Outcome::Unknown)), "{error}");
    session.discard();
}

#[tokio::test(start_paused = true)]
async fn what_a_failed_request_changed_is_given_up() {
    for fault in [Fault::Fails, Fault::Hangs] {
        let world = World::new();
        let (browser, kept) = keeping(&world);
        browser.get("/count").await;
        world.store.fault(Call::Save, fault);
        assert_eq!(browser.get("/keep").await.status, 503);
        world.store.heal();
        let session = kept.lock().await.take().unwrap();
        session.commit().await.unwrap();
        assert_eq!(browser.get("/read").await.text, "1", "{fault:?}");
    }
}
