//! Lets others get in between.

use std::hint::spin_loop;

/// Lets other threads and other tasks get in between two steps that ought to be one.
///
/// It does not give the processor away, for on a busy machine it would come back much later.
pub(crate) async fn interlude() {
    for _ in 0..3 {
        (0..1_000).for_each(|_| spin_loop());
        tokio::task::yield_now().await;
    }
}
