//! The counter of the web.py manual, served over HTTP/1.1.

use std::io::{Read, stdin};

use axum::Router;
use tokio::net::TcpListener;

use crate::child::say;

/// Where the counter is found; the load generator knows these paths.
#[derive(Clone, Copy, Debug)]
pub struct Counted;

impl Counted {
    /// Adds one and answers the number.
    pub const COUNT: &'static str = "/count";
    /// Reads, awaits two milliseconds, adds one and answers the number.
    pub const SLOWLY: &'static str = "/slowly";
    /// Answers the number.
    pub const READ: &'static str = "/read";

    /// Returns after the two milliseconds that a handler spends elsewhere.
    pub async fn elsewhere() {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}

/// Serves on a free port of this machine, says `ready PORT`, and returns when the driver closes its end.
///
/// # Panics
///
/// When there is no port.
pub async fn serve(router: Router) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    say(&format!("ready {}", listener.local_addr().expect("an address").port()));
    let end = tokio::task::spawn_blocking(|| stdin().read(&mut [0]));
    let served = tokio::spawn(async { axum::serve(listener, router).await });
    let _ = end.await;
    served.abort();
}
