//! Plain tower services, and sessions on demand.

use std::convert::Infallible;

use axum::{Router, routing::get};
use http::{Request, Response};
use session_tower::{Error, LazySession, SessionLayer};
use tower::{Layer, ServiceExt, service_fn};

use crate::support::{Call, World, add};

#[tokio::test]
async fn the_session_is_loaded_once_however_often_it_is_opened() {
    let handler = async |lazy: LazySession| {
        let (first, second) = tokio::join!(lazy.open(), lazy.open());
        let third = lazy.clone().open().await.unwrap();
        for session in [first.unwrap(), second.unwrap(), third] {
            add(&session).unwrap();
        }
    };
    let world = World::new();
    let browser = world.browser(Router::new().route("/lazy", get(handler)));
    browser.get("/count").await;
    world.store.calls();
    browser.get("/lazy").await;
    assert_eq!(world.store.calls(), [Call::Load, Call::Save]);
    assert_eq!(browser.get("/read").await.text, "4");
}

#[tokio::test]
async fn a_lazy_session_that_is_not_opened_is_not_loaded() {
    let world = World::new();
    let browser = world.browser(Router::new().route("/lazy", get(async |_: LazySession| ())));
    browser.get("/count").await;
    world.store.calls();
    let answer = browser.get("/lazy").await;
    assert_eq!((world.store.calls(), answer.header("vary")), (vec![], String::new()));
}

/// A body that nobody could read, poll or replace without a trace.
#[derive(Debug, PartialEq)]
enum Stream {
    Untouched,
    Page(String),
}

impl From<String> for Stream {
    fn from(page: String) -> Self {
        Self::Page(page)
    }
}

async fn stream(request: Request<()>) -> Result<Response<Stream>, Infallible> {
    let opened = match request.extensions().get::<LazySession>() {
        Some(lazy) => lazy.open().await,
        None => Err(Error::NoLayer),
    };
    Ok(match opened.and_then(|session| add(&session)) {
        Ok(()) => Response::new(Stream::Untouched),
        Err(error) => error.to_response(),
    })
}

#[tokio::test]
async fn any_service_and_any_body_will_do() {
    let world = World::new();
    let service = SessionLayer::new(world.sessions.clone()).layer(service_fn(stream));
    let response = service.clone().oneshot(Request::new(())).await.unwrap();
    assert_eq!(*response.body(), Stream::Untouched);
    assert!(response.headers().contains_key("set-cookie"));

    world.store.fault(Call::Save, crate::support::Fault::Fails);
    let response = service.oneshot(Request::new(())).await.unwrap();
    assert_eq!(response.status(), 503);
    assert!(matches!(response.body(), Stream::Page(_)));
}
