//! A place where handlers wait until a test lets them go.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// A place where handlers wait until a test lets them go.
#[derive(Clone)]
pub(crate) struct Gate(Arc<[Semaphore; 2]>);

impl Gate {
    pub(crate) fn new() -> Self {
        Self(Arc::new([Semaphore::new(0), Semaphore::new(0)]))
    }

    /// Waits, as a handler.
    pub(crate) async fn pass(&self) {
        let [waiting, open] = &*self.0;
        waiting.add_permits(1);
        open.acquire().await.unwrap().forget();
    }

    /// Returns once `count` more handlers wait.
    pub(crate) async fn gathered(&self, count: u32) {
        self.0[0].acquire_many(count).await.unwrap().forget();
    }

    /// Lets `count` handlers go.
    pub(crate) fn open(&self, count: usize) {
        self.0[1].add_permits(count);
    }
}
