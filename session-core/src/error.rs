//! What can go wrong, for stores, handles and configuration alike.

use std::{fmt, sync::Arc};

/// The result of a session operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a session operation did not do what was asked.
///
/// No message, source or `Debug` contains a ticket, an owner or a value.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The key is taken, by a live session or by a dead one that is not swept yet.
    #[error("a session with this key exists already")]
    Exists,

    /// No live session has this key.
    #[error("there is no live session with this key")]
    Missing,

    /// Another write came first: load again.
    #[error("the session was changed since it was loaded")]
    Conflict,

    /// The session that this handle was opened on is not there for it any more: killed, expired, evicted, or taken
    /// over by a login. Its changes were not kept.
    #[error("the session has ended for this request, its changes were not kept; let the visitor try again")]
    Gone,

    /// A value is of another type than the one asked for.
    #[error("session value `{name}` is {found}, not a {wanted}")]
    Type {
        /// The name of the value.
        name: String,
        /// What is stored, by its shape: "a string", "a map of 3".
        found: String,
        /// The Rust type that was asked for.
        wanted: &'static str,
    },

    /// A value cannot be serialised.
    #[error("session value `{name}` cannot be kept: its type {given} does not serialise")]
    Unserialisable {
        /// The name of the value.
        name: String,
        /// The Rust type that was given.
        given: &'static str,
    },

    /// A closure given to `update` panicked when it was replayed; the other changes of the session are unharmed.
    #[error("the update of session value `{name}` panicked, its request's changes were not kept")]
    Panicked {
        /// The name of the value.
        name: String,
    },

    /// A closure given to `update` changed a session, which would happen again at every replay; the other changes of
    /// the session are unharmed.
    #[error("the update of session value `{name}` changes a session, which its closure may read alone")]
    Nested {
        /// The name of the value.
        name: String,
    },

    /// A record is damaged or of an unknown format; it is left as it is.
    #[error("the stored session is damaged: {0}")]
    Corrupt(&'static str),

    /// The session would exceed the size limit; the old one stays.
    #[error("the session would take {size} bytes, the limit is {max}; keep less in it or raise `max_bytes`")]
    TooLarge {
        /// The bytes that the session's data would take.
        size: usize,
        /// The bytes that it may take.
        max: usize,
    },

    /// The medium has no room left.
    #[error("the store is full: make room or sweep expired sessions")]
    Full,

    /// This store cannot do it.
    #[error("this store does not support {0}")]
    Unsupported(&'static str),

    /// An argument is not acceptable.
    #[error("the {what} was refused: {why}")]
    Invalid {
        /// What was refused.
        what: &'static str,
        /// Why, and so what to give instead.
        why: &'static str,
    },

    /// A parameter of the configuration is not acceptable.
    #[error("configuration parameter `{field}`: {why}")]
    Config {
        /// The name of the parameter.
        field: &'static str,
        /// Why, and so what to write instead.
        why: String,
    },

    /// The operating system gives no random bytes, so no ticket can be made.
    #[error("the operating system gives no random bytes")]
    Randomness(#[source] Arc<dyn std::error::Error + Send + Sync>),

    /// The medium failed.
    #[error("{store} failed to {action} ({outcome})")]
    Backend {
        /// The crate that failed, such as `store-disk`.
        store: &'static str,
        /// What it was doing, such as `rename the staged file`.
        action: &'static str,
        /// What is known about the write.
        outcome: Outcome,
        /// The cause.
        #[source]
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
}

/// What is known about a write that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The write certainly did not happen and never will.
    NotApplied,
    /// The write may have happened, or may still happen.
    Unknown,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotApplied => "nothing was changed",
            Self::Unknown => "it is not known whether the change was kept",
        })
    }
}

impl Error {
    /// Returns the error of a medium that failed before anything changed.
    pub fn backend(
        store: &'static str,
        action: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Backend { store, action, outcome: Outcome::NotApplied, source: source.into().into() }
    }

    /// Returns the error of a medium that failed when the change may have been made already.
    pub fn unknown(
        store: &'static str,
        action: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Backend { store, action, outcome: Outcome::Unknown, source: source.into().into() }
    }

    /// Returns whether the write that failed with this error may have happened, or may still happen.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Backend { outcome: Outcome::Unknown, .. })
    }

    pub(crate) fn randomness(source: getrandom::Error) -> Self {
        Self::Randomness(Arc::new(source))
    }
}
