//! The extractors of axum.

use axum_core::extract::FromRequestParts;
use http::request::Parts;

use crate::{Error, LazySession, Session};

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        LazySession::from_request_parts(parts, state).await?.open().await
    }
}

impl<S: Sync> FromRequestParts<S> for LazySession {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let lazy = parts.extensions.get::<Self>().cloned();
        lazy.ok_or_else(|| {
            // No layer means that nobody else will say so.
            tracing::error!(event = "failed", error = %Error::NoLayer, "a request failed for its session");
            Error::NoLayer
        })
    }
}
