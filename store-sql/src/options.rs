//! How a [`SqlStore`](crate::SqlStore) is opened.

use std::time::Duration;

/// What an `Ok` of a write outlives, on SQLite. On a server, that is the server's own setting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// A killed process and the loss of power: `synchronous = FULL`.
    #[default]
    Power,
    /// A killed process only: `synchronous = NORMAL`. After a loss of power the last writes are gone, the file is whole.
    Process,
}

/// How a [`SqlStore`](crate::SqlStore) is opened.
///
/// ```
/// use std::time::Duration;
/// use store_sql::{Durability, SqlOptions};
///
/// let options = SqlOptions::default();
/// assert_eq!(options.timeout, Duration::from_secs(4));
/// assert_eq!(options.max_connections, 10);
/// assert_eq!(options.max_sessions, None);
/// assert_eq!(options.durability, Durability::Power);
/// assert!(options.coalesce);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SqlOptions {
    /// How long one call may take before it ends in an error. Default: 4 s, which is within the `store_timeout` of
    /// `session_core::Config`.
    ///
    /// It counts from the moment at which a call is asked for. A call waits for at most three quarters of it in all: for an earlier
    /// write of its session, for others that go before it, for a connection, on SQLite for the lock of the file. A call that was
    /// not begun by then ends in an error that says that nothing was changed; what is left is for the statement. A
    /// `delete_expired` has it for each of its statements.
    ///
    /// Less than 10 ms counts as 10 ms, and more than a day as a day.
    pub timeout: Duration,

    /// The most connections that are open at the same time; 0 counts as 1. Default: 10.
    ///
    /// A pool that was made by the application has a limit of its own.
    pub max_connections: u32,

    /// The most sessions that the table may hold, dead ones included; 0 counts as 1. Default: no limit.
    ///
    /// A session that is created above it evicts another: an expired one first, then one without an owner, the
    /// oldest access first, then one with an owner. Within one process the limit is exact when a create has returned,
    /// and creates and deletes wait for each other. What other processes create is counted with every sweep.
    ///
    /// A table that holds far more, because the limit is new, is brought down step by step: a create evicts 256 at most, so that
    /// no login waits for all of them, and a sweep 4,096.
    pub max_sessions: Option<usize>,

    /// What an `Ok` outlives, on SQLite. Default: [`Durability::Power`].
    pub durability: Durability,

    /// Whether calls that wait at the same time are sent as one statement: on SQLite creates, changes and deletes, which then
    /// share a sync, on PostgreSQL loads and changes, on MariaDB changes. Default: true.
    ///
    /// A call that finds no other under way goes alone in any case. An error of such a statement is the answer to all
    /// its calls, unless it may be due to one of them: then it is made anew, call by call.
    pub coalesce: bool,
}

impl SqlOptions {
    /// Sets how long one call may take.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the most connections that are open at the same time.
    #[must_use]
    pub const fn max_connections(mut self, max: u32) -> Self {
        self.max_connections = max;
        self
    }

    /// Sets the most sessions that the table may hold.
    #[must_use]
    pub const fn max_sessions(mut self, max: usize) -> Self {
        self.max_sessions = Some(max);
        self
    }

    /// Sets what an `Ok` outlives, on SQLite.
    #[must_use]
    pub const fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Sets whether calls that wait at the same time are sent as one statement.
    #[must_use]
    pub const fn coalesce(mut self, coalesce: bool) -> Self {
        self.coalesce = coalesce;
        self
    }
}

impl Default for SqlOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(4),
            max_connections: 10,
            max_sessions: None,
            durability: Durability::Power,
            coalesce: true,
        }
    }
}
