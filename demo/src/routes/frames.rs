//! A page whose frames all write to the session at the same time, after the page itself did.

use std::ops::RangeInclusive;

use axum::{
    extract::{Path, rejection::PathRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use session_tower::{Error, Session};

use crate::{
    page::{Reload, page as whole_page, page_that_reloads, small_page},
    refusal::{Refusal, no_such_page},
};

const FRAMES: RangeInclusive<u8> = 1..=4;

/// What the counter holds when each frame has added one.
const COMPLETE: u64 = 4;

/// Long enough for the frames to be seen.
const RELOAD_SECONDS: u32 = 2;

/// How often the page was loaded: frames of an earlier one, still on their way, must not count.
const ROUND: &str = "frames_round";

/// Begins a round in the session, so that the cookie is there before the frames ask for it, and sends the frames.
pub(crate) async fn begin(session: Session) -> Result<Markup, Error> {
    for name in session.names().iter().filter(|name| name.starts_with("frame ")) {
        session.remove(name);
    }
    session.update(ROUND, |round: &mut u64| *round += 1)?;
    session.commit().await?;
    let round = session.get(ROUND)?.unwrap_or_default();
    show(&session, round)
}

/// Shows what the frames of a round have set and added up, and those that are missing once more.
pub(crate) async fn round(session: Session, round: InPath<u64>) -> Result<Response, Refusal> {
    let round = number(round)?;
    match session.get(ROUND)? {
        Some(current) if current == round => Ok(show(&session, round)?.into_response()),
        Some::<u64>(_) | None => Ok(outdated()),
    }
}

/// Sets the frame's own value and adds one to the counter of all, once.
pub(crate) async fn frame(session: Session, numbers: InPath<(u64, u8)>) -> Result<Response, Refusal> {
    let (round, frame) = number(numbers)?;
    if !FRAMES.contains(&frame) {
        return Ok(no_such_page().await.into_response());
    }
    if session.get(ROUND)? != Some(round) {
        return Ok(outdated());
    }
    if !session.contains(&value_name(round, frame)) {
        session.insert(&value_name(round, frame), &format!("from frame {frame}"))?;
        session.update(&count_name(round), |count: &mut u64| *count += 1)?;
    }
    let body = html! {
        p { strong { "Frame " (frame) } }
        p { "sets its value, and adds one." }
    };
    Ok(small_page(&format!("Frame {frame}"), &body).into_response())
}

type InPath<T> = Result<Path<T>, PathRejection>;

fn number<T>(path: InPath<T>) -> Result<T, Refusal> {
    let Path(number) = path.map_err(|_| {
        Refusal::Request("The address names a page and a frame of it by numbers: /frames/1/2.".into())
    })?;
    Ok(number)
}

fn show(session: &Session, round: u64) -> Result<Markup, Error> {
    let (mut values, mut missing) = (Vec::new(), Vec::new());
    for frame in FRAMES {
        match session.get::<String>(&value_name(round, frame))? {
            Some(value) => values.push((frame, value)),
            None => missing.push(frame),
        }
    }
    if !missing.is_empty() {
        let reload = Reload { seconds: RELOAD_SECONDS, target: format!("/frames/{round}") };
        return Ok(page_that_reloads("Frames", &reload, &waiting(round, &missing)));
    }
    let count = session.get(&count_name(round))?.unwrap_or_default();
    Ok(whole_page("Frames", &complete(&values, count)))
}

fn waiting(round: u64, missing: &[u8]) -> Markup {
    html! {
        p {
            "This page wrote to the session. Its frames write to it at the same time: each sets a value of its own \
             and adds one to a counter that all share."
        }
        div.frames {
            @for frame in missing {
                iframe src=(format!("/frames/{round}/{frame}")) title=(format!("Frame {frame}")) {}
            }
        }
        p { "In a moment you see " a href=(format!("/frames/{round}")) { "what the session holds then" } "." }
    }
}

fn complete(values: &[(u8, String)], count: u64) -> Markup {
    html! {
        p { "The session holds what the page and its frames wrote:" }
        dl {
            @for (frame, value) in values { dt { "Frame " (frame) } dd { (value) } }
            dt { "Counter" } dd { (count) }
        }
        p {
            @if count == COMPLETE { "All four values are there, and the count is right: nothing was lost." }
            @else { "All four values are there, but a frame was asked for again before it was there." }
        }
        p { a href="/frames" { "Once more" } }
    }
}

fn value_name(round: u64, frame: u8) -> String {
    format!("frame {round} {frame}")
}

fn count_name(round: u64) -> String {
    format!("frame {round} count")
}

fn outdated() -> Response {
    let body = html! {
        p { "This belongs to an earlier page: " a href="/frames" target="_top" { "load it again" } "." }
    };
    (StatusCode::CONFLICT, small_page("An earlier page", &body)).into_response()
}
