//! A request that takes its time, to show that a logout is final.

use std::time::Duration;

use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};
use maud::html;
use session_tower::{Session, session_core};
use tokio::time::sleep;

use crate::{line::line, parameters::Parameters, refusal::Refusal};

const MS_MAX: u16 = 5_000;

/// Reads, waits, and writes; when the session has ended meanwhile, nothing is written.
pub(crate) async fn slow(
    session: Session,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Refusal> {
    let ms = ms(&parameters)?;
    let before = session.get::<u64>("slow")?.unwrap_or_default();
    sleep(Duration::from_millis(ms.into())).await;
    session.update("slow", |slow: &mut u64| *slow += 1)?;
    match session.commit().await {
        Err(session_tower::Error::Session(session_core::Error::Gone)) => Ok(ended(&headers, ms)),
        committed => {
            committed?;
            let after = session.get::<u64>("slow")?.unwrap_or_default();
            let text = format!("read {before}, waited {ms} ms, wrote {after}");
            Ok(answer(&headers, StatusCode::OK, text))
        }
    }
}

fn ms(parameters: &Parameters) -> Result<u16, Refusal> {
    let ms = parameters.find("ms")?.and_then(|ms| ms.parse().ok()).filter(|ms| *ms <= MS_MAX);
    ms.ok_or_else(|| {
        Refusal::Request(format!("Write how long to wait: /slow?ms=N with N from 0 to {MS_MAX}."))
    })
}

fn ended(headers: &HeaderMap, ms: u16) -> Response {
    let text = format!("waited {ms} ms, and the session has ended meanwhile: nothing was written");
    answer(headers, StatusCode::CONFLICT, text)
}

fn answer(headers: &HeaderMap, status: StatusCode, text: String) -> Response {
    let body = html! {
        p { "This request " (text) "." }
        p { "Log out in another window while it waits: it writes nothing then." }
        p { a href="/slow?ms=5000" { "Once more, slower" } }
    };
    line(headers, status, text, "A slow request", &body)
}
