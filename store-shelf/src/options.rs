//! How a [`ShelfStore`](crate::ShelfStore) is opened.

/// What an `Ok` of a write outlives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// A killed process and the loss of power: the file is synced before a write is answered.
    #[default]
    Power,
    /// A killed process only: the operating system writes to the disk when it likes, in any order. After a loss of power
    /// the whole file may be damaged, and is then refused. Only opening and closing sync, for the seal.
    Process,
}

/// How a [`ShelfStore`](crate::ShelfStore) is opened.
///
/// ```
/// use store_shelf::{Durability, ShelfOptions};
///
/// let options = ShelfOptions::default();
/// assert_eq!(options.durability, Durability::Power);
/// assert_eq!(options.max_sessions, None);
/// assert_eq!(options.cache_bytes, 64 << 20);
/// assert!(!options.quick_repair);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ShelfOptions {
    /// What an `Ok` outlives. Default: [`Durability::Power`].
    pub durability: Durability,

    /// The most sessions that the file may hold, dead ones included; 0 counts as 1. Default: no limit.
    ///
    /// A session that is created above it evicts another: an expired one first, then one without an owner, the
    /// oldest access first, then one with an owner. The limit is exact after every write. A file that holds more than
    /// that when it is opened is brought down to it by the first session that is created, which takes as long as it takes.
    pub max_sessions: Option<usize>,

    /// How much of the file is kept in the memory of the process, in bytes. Default: 64 MiB.
    ///
    /// The operating system keeps what it can besides, so a small cache costs time and no more.
    pub cache_bytes: usize,

    /// Whether every commit also writes down which pages are free. Default: no.
    ///
    /// Without it, the first opening after a crash reads the whole file. With it, that opening takes hardly longer than
    /// any other, and each commit takes two syncs instead of one: a save alone took half as long again, 0.46 ms instead of 0.30, while
    /// 256 at a time were as fast. With 1,000,000 sessions of 1 KiB that opening took 16 s without and 52 ms with it.
    pub quick_repair: bool,
}

impl ShelfOptions {
    /// Sets what an `Ok` outlives.
    #[must_use]
    pub const fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Sets the most sessions that the file may hold.
    #[must_use]
    pub const fn max_sessions(mut self, max: usize) -> Self {
        self.max_sessions = Some(max);
        self
    }

    /// Sets how much of the file is kept in memory.
    #[must_use]
    pub const fn cache_bytes(mut self, bytes: usize) -> Self {
        self.cache_bytes = bytes;
        self
    }

    /// Sets whether every commit also writes down which pages are free.
    #[must_use]
    pub const fn quick_repair(mut self, quick: bool) -> Self {
        self.quick_repair = quick;
        self
    }
}

impl Default for ShelfOptions {
    fn default() -> Self {
        Self { durability: Durability::Power, max_sessions: None, cache_bytes: 64 << 20, quick_repair: false }
    }
}
