//! A request that takes its time, to show that a logout is final.

use std::time::Duration;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use session_tower::{Session, session_core};
use tokio::time::sleep;

use crate::{parameters::Parameters, refusal::Refusal};

const MS_MAX: u16 = 5_000;

/// Reads, waits, and writes; when the session has ended meanwhile, nothing is written.
pub(crate) async fn slow(session: Session, parameters: Parameters) -> Result<Response, Refusal> {
    let ms = ms(&parameters)?;
    let before = session.get::<u64>("slow")?.unwrap_or_default();
    sleep(Duration::from_millis(ms.into())).await;
    session.update("slow", |slow: &mut u64| *slow += 1)?;
    match session.commit().await {
        Err(session_tower::Error::Session(session_core::Error::Gone)) => Ok(ended(ms)),
        committed => {
            committed?;
            let after = session.get::<u64>("slow")?.unwrap_or_default();
            Ok(format!("read {before}, waited {ms} ms, wrote {after}").into_response())
        }
    }
}

fn ms(parameters: &Parameters) -> Result<u16, Refusal> {
    let ms = parameters.find("ms")?.and_then(|ms| ms.parse().ok()).filter(|ms| *ms <= MS_MAX);
    ms.ok_or_else(|| {
        Refusal::Request(format!("Write how long to wait: /slow?ms=N with N from 0 to {MS_MAX}."))
    })
}

fn ended(ms: u16) -> Response {
    let text = format!("waited {ms} ms, and the session has ended meanwhile: nothing was written");
    (StatusCode::CONFLICT, text).into_response()
}
