//! From the errors of sqlx and of the databases to [`Error`].
//!
//! What a server says is not passed on: it may quote a row, and an error of sqlx may quote a URL with its password.

use std::{error, io, sync::Arc};

use session_core::{Error, Outcome};

const STORE: &str = "store-sql";

/// Why a database did not do what was asked, and what to do.
#[derive(Clone, Debug, thiserror::Error)]
#[cfg_attr(
    not(all(feature = "sqlite", feature = "postgres", feature = "mysql")),
    allow(dead_code, reason = "each database has causes of its own")
)]
pub(crate) enum Cause {
    #[error("{0}")]
    Url(&'static str),
    #[error("the server cannot be reached: look whether it runs, and at host, port and files in the URL")]
    Unreachable(#[source] Arc<io::Error>),
    #[error("the server does not let this user in: check name and password in the URL")]
    WrongPassword,
    #[error("there is no such database: create it, or check the name in the URL")]
    NoDatabase,
    #[error("the file cannot be opened: `SqlStore::migrate` makes it, its folder must be there and be ours")]
    NoFile,
    #[error("it is no file of SQLite, or it is damaged: give another path, or put a copy in its place")]
    NotADatabase,
    #[error("there is no such table: call `SqlStore::migrate`, or run what `SqlStore::schema` returns")]
    NoTable,
    #[error("the column `{0}` {1}")]
    Column(String, &'static str),
    #[error("a column is missing: call `SqlStore::migrate`, or change the table as `SqlStore::schema` shows")]
    NoColumn,
    #[error("the database is read-only: connect to the primary server, or give the file to this user")]
    ReadOnly,
    #[error("the database denies it: grant this user SELECT, INSERT, UPDATE and DELETE on the table")]
    Denied,
    #[error(
        "the database denies it: let this user create and alter the table and its indexes, or make what \
         `SqlStore::schema` shows by hand"
    )]
    MigrationDenied,
    #[error("all connections are in use: raise `max_connections`, or look for slow statements")]
    Exhausted,
    #[error("the server has too many connections: raise its limit, or lower `max_connections`")]
    TooManyConnections,
    #[error("another process holds the lock of the database: look for a long transaction")]
    Locked,
    #[error(
        "another process migrates the table, or holds a lock of it: look for a long transaction, and call \
         `SqlStore::migrate` again when it has ended"
    )]
    Held,
    #[error(
        "an earlier write of this session has not ended: look for slow statements, and for locks that are held long"
    )]
    EarlierWrite,
    #[error("the statements before it took too long: look for slow ones, and for locks that are held long")]
    Behind,
    #[error(
        "it took longer than the `timeout` of the options: look whether the server is overloaded or hangs"
    )]
    TimedOut,
    #[error("the connection was lost")]
    Lost(#[source] Option<Arc<io::Error>>),
    #[error("the server ends or ended the connection (code {0})")]
    Ended(String),
    #[error("the file could not be read or written (code {0}): look at the disk")]
    Disk(String),
    #[error("the key is taken")]
    Taken,
    #[error("the database has no room left")]
    Full,
    #[error("it was refused, and would be each time (code {0}): the server's log says more")]
    Refused(String),
    #[error("another transaction was in the way each time (code {0})")]
    Busy(String),
    #[error("the TLS connection failed: check the server's certificate, and what the URL asks for")]
    Tls(#[source] Arc<dyn error::Error + Send + Sync>),
    #[error("the store was closed: open it again")]
    Closed,
    #[error("the runtime that the pool was made in has ended: open the store in one that lives")]
    NoRuntime,
    #[error("the driver did not understand the server: look whether the URL leads to one of this kind")]
    Protocol,
}

impl Cause {
    /// Returns the same cause, but of a connection that was to be opened: there was none yet that could be lost.
    pub(crate) fn of_a_connection(self) -> Self {
        match self {
            Self::Lost(Some(error)) => Self::Unreachable(error),
            cause => cause,
        }
    }

    /// Returns the same cause, but of a statement: an open connection that finds its server unreachable is lost.
    pub(crate) fn of_a_statement(self) -> Self {
        match self {
            Self::Unreachable(error) => Self::Lost(Some(error)),
            cause => cause,
        }
    }

    /// Returns whether the connection is of no more use.
    pub(crate) fn breaks_connection(&self) -> bool {
        matches!(
            self,
            Self::Lost(_) | Self::Ended(_) | Self::TimedOut | Self::Protocol | Self::Tls(_) | Self::ReadOnly
        )
    }

    /// Returns whether a statement that failed so was certainly not carried out, and never will be.
    ///
    /// A statement that the database refused was rolled back as a whole. When the connection was lost, nobody knows.
    fn is_certain(&self) -> bool {
        !matches!(
            self,
            Self::Lost(_)
                | Self::Ended(_)
                | Self::TimedOut
                | Self::Protocol
                | Self::Tls(_)
                | Self::Disk(_)
                | Self::Closed
                | Self::NoRuntime
        )
    }

    /// Returns whether a statement for many rows may have failed so because of one of them, and was rolled back.
    pub(crate) const fn may_be_of_one(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Taken | Self::Full)
    }

    /// Returns whether the same statement may succeed when it is sent once more: it was rolled back.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Locked)
    }
}

/// Returns the error of a step before which nothing had changed.
pub(crate) fn not_applied(action: &'static str, cause: Cause) -> Error {
    match cause {
        Cause::Full => Error::Full,
        Cause::Taken => Error::Exists,
        cause => Error::backend(STORE, action, cause),
    }
}

/// Returns the error of a statement that was sent.
pub(crate) fn sent(action: &'static str, cause: Cause) -> Error {
    if cause.is_certain() { not_applied(action, cause) } else { Error::unknown(STORE, action, cause) }
}

/// Returns the error of a call that failed when a part of it was done already.
pub(crate) fn partly(action: &'static str, error: Error) -> Error {
    match error {
        Error::Backend { source, .. } => {
            Error::Backend { store: STORE, action, outcome: Outcome::Unknown, source }
        }
        error => Error::unknown(STORE, action, error),
    }
}

/// Returns why sqlx failed; `of_database` knows the codes of the database.
pub(crate) fn cause(
    error: sqlx::Error,
    of_database: impl FnOnce(&dyn sqlx::error::DatabaseError) -> Cause,
) -> Cause {
    match error {
        sqlx::Error::Database(error) if error.is_unique_violation() => Cause::Taken,
        sqlx::Error::Database(error) => of_database(&*error),
        // What a certificate fails by is found when the socket is read.
        sqlx::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => Cause::Tls(Arc::new(error)),
        sqlx::Error::Io(error) if is_unreachable(&error) => Cause::Unreachable(Arc::new(error)),
        sqlx::Error::Io(error) => Cause::Lost(Some(Arc::new(error))),
        sqlx::Error::Tls(error) => Cause::Tls(error.into()),
        sqlx::Error::Configuration(_) => Cause::Url("the URL is not understood: check its form"),
        sqlx::Error::PoolTimedOut => Cause::Exhausted,
        sqlx::Error::PoolClosed => Cause::Closed,
        sqlx::Error::WorkerCrashed => Cause::Lost(None),
        _ => Cause::Protocol,
    }
}

fn is_unreachable(error: &io::Error) -> bool {
    use io::ErrorKind::{
        AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkUnreachable, NotFound, PermissionDenied,
    };
    let unreachable = [
        AddrNotAvailable,
        ConnectionRefused,
        HostUnreachable,
        NetworkUnreachable,
        NotFound,
        PermissionDenied,
    ];
    unreachable.contains(&error.kind())
}
