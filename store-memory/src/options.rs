//! What a memory store can be told.

/// What a [`MemoryStore`](crate::MemoryStore) can be told when it is made.
///
/// ```
/// use store_memory::{MemoryOptions, MemoryStore};
///
/// let store = MemoryStore::with_options(MemoryOptions::default().max_sessions(100_000));
/// # drop(store);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryOptions {
    pub(crate) max_sessions: Option<usize>,
}

impl MemoryOptions {
    /// Sets the most sessions the store keeps, live and dead ones together; by default there is no such cap.
    ///
    /// The cap is exact at every instant. It never refuses a new session but evicts another one: first the dead
    /// in the order in which they expired, then sessions without an owner, then owned ones, each by the oldest
    /// `accessed_at` of their records, in whatever order they were written. So a thousand visitors without a cookie
    /// do not log anybody out. A cap of 0 counts as 1, because the session being created is never the one evicted.
    ///
    /// The order costs time in every write and some 4 bytes per session; without a cap it costs nothing.
    #[must_use]
    pub const fn max_sessions(mut self, max_sessions: usize) -> Self {
        self.max_sessions = Some(max_sessions);
        self
    }
}
