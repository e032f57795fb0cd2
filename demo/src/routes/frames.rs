//! A page whose frames all write to the session at the same time, after the page itself did.

use std::ops::RangeInclusive;

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use session_tower::{Error, Session};

use crate::{
    page::{frame as small_page, page as whole_page},
    refusal::no_such_page,
};

const FRAMES: RangeInclusive<u8> = 1..=4;

/// What the counter holds when each frame has added one.
const EXPECTED: u64 = 4;

/// The number of the page that was loaded last: the frames of an earlier one, still on their way, must not count.
const ROUND: &str = "frames_round";

/// Begins a round in the session, so that the cookie is there before the frames ask for it, and sends the frames.
pub(crate) async fn page(session: Session) -> Result<Markup, Error> {
    for name in session.names().iter().filter(|name| name.starts_with("frame ")) {
        session.remove(name);
    }
    session.update(ROUND, |round: &mut u64| *round += 1)?;
    session.commit().await?;
    let round = session.get::<u64>(ROUND)?.unwrap_or_default();
    let body = html! {
        p {
            "This page wrote to the session. Now four frames write to it at the same time: each sets a value of its \
             own and adds one to a counter they share."
        }
        div.frames {
            @for frame in FRAMES {
                iframe src=(format!("/frames/{round}/{frame}")) title=(format!("Frame {frame}")) {}
            }
        }
        h2 { "What the session holds" }
        iframe.result src=(format!("/frames/{round}/result")) title="What the session holds" {}
    };
    Ok(whole_page("Frames", &body))
}

/// Sets this frame's own value, and adds one to the counter of all.
pub(crate) async fn frame(
    session: Session,
    Path((round, frame)): Path<(u64, u8)>,
) -> Result<Response, Error> {
    if !FRAMES.contains(&frame) {
        return Ok(no_such_page().await.into_response());
    }
    if session.get(ROUND)? != Some(round) {
        return Ok(outdated());
    }
    session.insert(&value_name(round, frame), &format!("from frame {frame}"))?;
    session.update(&count_name(round), |count: &mut u64| *count += 1)?;
    let body = html! {
        p { strong { "Frame " (frame) } }
        p { "sets its value, and adds one." }
    };
    Ok(small_page(&format!("Frame {frame}"), None, &body).into_response())
}

/// Shows all values and the counter; until all are there, the browser is told to ask again.
pub(crate) async fn result(session: Session, Path(round): Path<u64>) -> Result<Response, Error> {
    if session.get(ROUND)? != Some(round) {
        return Ok(outdated());
    }
    let mut values = Vec::new();
    for frame in FRAMES {
        values.push((frame, session.get::<String>(&value_name(round, frame))?));
    }
    let count = session.get::<u64>(&count_name(round))?.unwrap_or_default();
    let complete = values.iter().all(|(_, value)| value.is_some());
    let body = html! {
        dl {
            @for (frame, value) in &values {
                dt { "Frame " (frame) } dd { (value.as_deref().unwrap_or("not yet")) }
            }
            dt { "Counter" } dd { (count) }
        }
        p {
            @if !complete { "Some are on their way …" }
            @else if count == EXPECTED { "All four values are there, and the count is right: nothing was lost." }
            @else { "All four values are there, but a frame was loaded more than once." }
        }
    };
    Ok(small_page("Result", (!complete).then_some(1), &body).into_response())
}

fn value_name(round: u64, frame: u8) -> String {
    format!("frame {round} {frame}")
}

fn count_name(round: u64) -> String {
    format!("frame {round} count")
}

fn outdated() -> Response {
    let body = html! { p { "This belongs to an earlier page: " a href="/frames" target="_top" { "load it again" } "." } };
    (StatusCode::CONFLICT, small_page("An earlier page", None, &body)).into_response()
}
