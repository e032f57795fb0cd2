//! How many requests are in flight.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use tokio::sync::watch;

/// Counts the requests in flight. A clone counts the same ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct InFlight(Arc<watch::Sender<usize>>);

impl InFlight {
    /// Waits until there is none.
    pub(crate) async fn none(&self) {
        // The sender is held here, so the channel stays open.
        let _ = self.0.subscribe().wait_for(|requests| *requests == 0).await;
    }

    fn begin(&self) -> Counted {
        self.0.send_modify(|requests| *requests += 1);
        Counted(self.clone())
    }
}

/// One request in flight, until it is dropped.
struct Counted(InFlight);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.send_modify(|requests| *requests -= 1);
    }
}

/// Counts a request until its response is made.
pub(crate) async fn count(State(in_flight): State<InFlight>, request: Request, next: Next) -> Response {
    let _counted = in_flight.begin();
    next.run(request).await
}
