//! The applications, one per file.

mod count;
mod form;
mod frames;
mod login;
mod renew;
mod slow;

use axum::{
    Router,
    handler::Handler,
    http::{StatusCode, header},
    routing::{MethodFilter, MethodRouter, get, on},
};

use crate::page;

/// Returns all routes.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/", get(login::home))
        .route("/login", changing(login::login))
        .route("/logout", changing(login::logout))
        .route("/count", changing(count::count))
        .route("/reset", changing(count::reset))
        .route("/form", get(form::form))
        .route("/start", changing(form::start))
        .route("/next", changing(form::next))
        .route("/frames", changing(frames::begin))
        .route("/frames/{round}", get(frames::round))
        .route("/frames/{round}/{frame}", changing(frames::frame))
        .route("/slow", changing(slow::slow))
        .route("/renew", changing(renew::renew))
        .route("/style.css", get(page::style))
}

/// Answers GET, as the manuals show, and POST, but not HEAD: who looks whether a page is there must not change anything.
fn changing<H, T>(handler: H) -> MethodRouter
where
    H: Handler<T, ()>,
    T: 'static,
{
    let refuse = || async { (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, POST")]) };
    on(MethodFilter::GET.or(MethodFilter::POST), handler).head(refuse)
}
