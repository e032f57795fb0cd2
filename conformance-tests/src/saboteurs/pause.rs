//! Lets others get in between.

/// Lets other threads and other tasks get in between two steps that ought to be one.
pub(crate) async fn pause() {
    for _ in 0..3 {
        std::thread::yield_now();
        tokio::task::yield_now().await;
    }
}
