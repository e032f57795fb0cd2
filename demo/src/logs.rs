//! What is logged: which route answered what, never an address line, a cookie or a value.

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use tracing_subscriber::{
    filter::Targets,
    layer::{Layer, SubscriberExt},
    util::SubscriberInitExt,
};

/// Logs to standard error what `RUST_LOG` asks for, such as `warn,session_tower=debug`; without it `info`.
pub(crate) fn start() -> crate::Result<()> {
    let wanted = std::env::var("RUST_LOG").unwrap_or_else(|_| "info".into());
    let targets: Targets = wanted.parse().map_err(|error| format!("RUST_LOG cannot be read: {error}"))?;
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(std::io::stderr);
    tracing_subscriber::registry().with(lines.with_filter(targets)).try_init()?;
    Ok(())
}

/// Logs the route rather than the path, because people paste anything into an address line.
pub(crate) async fn log(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    tracing::trace!(%method, route, "arrived");
    let response = next.run(request).await;
    tracing::debug!(%method, route, status = response.status().as_u16(), "answered");
    response
}
