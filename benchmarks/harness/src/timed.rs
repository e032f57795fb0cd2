//! How long a piece of work takes.

use std::time::{Duration, Instant};

/// Does the work, and returns what came of it and how long it took.
pub async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let start = Instant::now();
    (work.await, start.elapsed())
}
