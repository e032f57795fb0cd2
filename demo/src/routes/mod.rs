//! The applications, one per file.

mod count;
mod devices;
mod form;
mod frames;
mod live;
mod login;
mod renew;
mod slow;

use axum::{
    Router,
    handler::Handler,
    http::{StatusCode, header},
    routing::{MethodFilter, MethodRouter, get, on, post},
};
use session_tower::Sessions;

use crate::page;

/// Returns all routes.
pub(crate) fn router(sessions: Sessions) -> Router {
    Router::new()
        .route("/", get(login::home))
        .route("/login", changing(login::login))
        .route("/login/form", get(login::form))
        .route("/logout", changing(login::logout))
        .route("/count", changing(count::count))
        .route("/reset", changing(count::reset))
        .route("/form", get(form::form))
        .route("/start", changing(form::start))
        .route("/next", changing(form::next))
        .route("/frames", changing(frames::begin))
        .route("/frames/{round}", get(frames::round))
        .route("/frames/{round}/{frame}", changing(frames::frame))
        .route("/devices", get(devices::list))
        .route("/devices/end", post(devices::end))
        .route("/devices/end-others", post(devices::end_others))
        .route("/live", changing(live::live))
        .route("/slow", changing(slow::slow))
        .route("/renew", changing(renew::renew))
        .route("/style.css", get(page::style))
        .with_state(sessions)
}

/// Answers GET, as the manuals show, and POST, but not HEAD: who looks whether a page is there must not change anything.
fn changing<H, T, S>(handler: H) -> MethodRouter<S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    let refuse = || async { (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, POST")]) };
    on(MethodFilter::GET.or(MethodFilter::POST), handler).head(refuse)
}
