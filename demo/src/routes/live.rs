//! A live object in the session, as Karrigell's sessions in memory hold any object.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use session_tower::{Clock, Error, Session, SystemClock, Timestamp, session_core};

use crate::{elapsed::ago, page::page};

const NAME: &str = "odometer";

/// Something that cannot be written down: requests of one visitor that run at the same time turn the same wheel.
#[derive(Debug)]
struct Odometer {
    since: Timestamp,
    loads: AtomicU64,
}

/// Turns the wheel that the session holds; without one, or without a session, it begins.
pub(crate) async fn live(session: Session) -> Result<Response, Error> {
    if session.is_new() {
        // Only a session that is stored holds objects.
        session.insert("live", &true)?;
        session.commit().await?;
    }
    match odometer(&session) {
        Ok(odometer) => {
            let loads = odometer.loads.fetch_add(1, Ordering::Relaxed) + 1;
            Ok(page("Live object", &shown(loads, odometer.since)).into_response())
        }
        Err(session_core::Error::Unsupported(what)) => {
            let why = session_core::Error::Unsupported(what);
            Ok((StatusCode::NOT_IMPLEMENTED, page("Live object", &refused(&why))).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn odometer(session: &Session) -> session_core::Result<Arc<Odometer>> {
    if let Some(odometer) = session.object(NAME)? {
        return Ok(odometer);
    }
    let odometer = Arc::new(Odometer { since: SystemClock.now(), loads: AtomicU64::new(0) });
    session.insert_object(NAME, odometer.clone())?;
    Ok(odometer)
}

fn shown(loads: u64, since: Timestamp) -> Markup {
    html! {
        p { "This session holds an object of this process, not bytes. No commit merges it, and it ends with the session." }
        dl {
            dt { "Loads" } dd { (loads) }
            dt { "Made" } dd { (ago(since, SystemClock.now())) }
        }
        p { a href="/live" { "Once more" } }
    }
}

fn refused(why: &session_core::Error) -> Markup {
    html! {
        p { "An object that is not bytes cannot be kept here: " (why) "." }
        p { "Start the demo with " code { "--store memory:" } " to see one." }
    }
}
