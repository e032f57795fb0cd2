//! How a [`DiskStore`](crate::DiskStore) is opened.

use std::time::Duration;

/// What an `Ok` of a write outlives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// A killed process and the loss of power: files and folders are synced before a write is answered.
    #[default]
    Power,
    /// A killed process only: the operating system writes to the disk when it likes. After a loss of power a
    /// session is missing, older, or damaged (and then refused), for some seconds' worth of writes.
    Process,
}

/// How a [`DiskStore`](crate::DiskStore) is opened.
///
/// ```
/// use std::time::Duration;
/// use store_disk::{DiskOptions, Durability};
///
/// let options = DiskOptions::default();
/// assert_eq!(options.durability, Durability::Power);
/// assert_eq!(options.max_sessions, None);
/// assert_eq!(options.lock_timeout, Duration::from_secs(2));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct DiskOptions {
    /// What an `Ok` outlives. Default: [`Durability::Power`].
    pub durability: Durability,

    /// The most sessions that the folder may hold, dead ones included; 0 counts as 1. Default: no limit.
    ///
    /// A session that is created above it evicts another: an expired one first, then one without an owner, the
    /// oldest access first, then one with an owner. The limit is exact for the writes of this store and its clones;
    /// what other processes put into the folder counts from the next sweep on. Where a larger limit, or none,
    /// has left more, the next creation or sweep evicts them. With a limit, `open` reads the head of every record and keeps
    /// about 200 bytes of memory for each.
    pub max_sessions: Option<usize>,

    /// How long a write waits for another process that holds the lock of the same part of the folder. Default: 2 s.
    ///
    /// Locks are held for one write, so it only runs out when a process was stopped in the middle of one, or the
    /// disk hangs. The write is then answered as not applied.
    pub lock_timeout: Duration,
}

impl DiskOptions {
    /// Sets what an `Ok` outlives.
    #[must_use]
    pub const fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Sets the most sessions that the folder may hold.
    #[must_use]
    pub const fn max_sessions(mut self, max: usize) -> Self {
        self.max_sessions = Some(max);
        self
    }

    /// Sets how long a write waits for another process.
    #[must_use]
    pub const fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = timeout;
        self
    }
}

impl Default for DiskOptions {
    fn default() -> Self {
        Self { durability: Durability::Power, max_sessions: None, lock_timeout: Duration::from_secs(2) }
    }
}
