//! What happens to sessions, for those who run a server: each event is said here, under one name, at one level.

mod call;
#[cfg(feature = "metrics")]
mod count;
#[cfg(feature = "metrics")]
mod stopwatch;

use std::error::Error;

use tracing::{debug, error, field::display, warn};

pub(crate) use self::call::{Call, Verb, call};
use crate::Key;

/// What happened. No event has a ticket, an owner or a value; a key opens nothing.
///
/// `docs/observability.md` lists them for those who read logs. What any stranger can cause as often as he likes is
/// `debug`, so that he cannot fill the log.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event<'a> {
    /// A session was stored for the first time.
    Created { key: &'a Key },
    /// A session got a new ticket, and nobody logged in.
    Rotated { key: &'a Key },
    /// Somebody logged in, with a new ticket.
    LoggedIn { key: &'a Key },
    /// The application killed the session of a request.
    Killed { key: &'a Key },
    /// A session was ended from a list of sessions.
    Revoked { key: &'a Key },
    /// Dead sessions were deleted.
    Swept { deleted: usize },
    /// A live session had to make room for a new one.
    Evicted { key: &'a Key },
    /// A ticket is in order.
    Live,
    /// A ticket was rotated away a moment ago, or its successor has never been seen.
    Late { key: &'a Key },
    /// A ticket was replaced; here and below, `news` says that nobody was warned of its session in a while.
    Replaced { key: &'a Key, news: bool },
    /// A ticket names a live session, and its secret never was or long ago was the session's.
    WrongSecret { key: &'a Key },
    /// A ticket's session is dead or never was.
    Gone { key: &'a Key },
    /// A cookie of our name holds no ticket.
    Malformed,
    /// A request carries the tickets of two live sessions.
    Ambiguous { key: &'a Key, other: &'a Key, news: bool },
    /// A good ticket comes from another address, where that counts.
    AddressMismatch { key: &'a Key, news: bool },
    /// A form brought no token of its session, or the visitor has none.
    Forged { key: Option<&'a Key>, news: bool },
    /// A record is damaged.
    Corrupt { key: &'a Key, why: &'a str },
    /// Another write came first, and the changes are replayed on it for the `replay`th time.
    Conflict { key: &'a Key, replay: usize },
    /// A round of commits was kept, after so many replays.
    Kept { key: &'a Key, replays: usize },
    /// A call to the store failed.
    StoreFailed { verb: Verb, key: Option<&'a Key>, error: &'a crate::Error },
    /// It could not be kept that a session was used.
    Unnoted { key: Option<&'a Key>, error: &'a crate::Error },
    /// A handle was dropped with changes that nobody committed.
    Uncommitted { key: Option<&'a Key> },
    /// The application's initializer failed where the session starts empty for it.
    Uninitialized { error: &'a crate::Error },
}

impl Event<'_> {
    /// Tells whoever listens.
    pub(crate) fn say(self) {
        self.log();
        #[cfg(feature = "metrics")]
        self.count();
    }

    fn log(self) {
        match self {
            Self::Created { key } => debug!(event = "created", %key, "a session is stored"),
            Self::Rotated { key } => debug!(event = "rotated", %key, "a session has a new ticket"),
            Self::LoggedIn { key } => {
                debug!(event = "login", %key, "a session has an owner and a new ticket");
            }
            Self::Killed { key } => debug!(event = "killed", %key, "a session was killed"),
            Self::Revoked { key } => debug!(event = "revoked", %key, "a session was revoked"),
            Self::Swept { deleted } => debug!(event = "swept", deleted, "dead sessions were deleted"),
            Self::Evicted { key } => debug!(event = "evicted", %key, "a session had to make room"),
            Self::Live | Self::Kept { replays: 0, .. } => {}
            Self::Late { key } => debug!(event = "late", %key, "a ticket is in use that was rotated away"),
            Self::Replaced { key, news: true } => {
                warn!(event = "replaced", %key, "a ticket is in use that was replaced; it may be stolen");
            }
            Self::Replaced { key, news: false } => {
                debug!(event = "replaced", %key, "a ticket is in use again that was replaced");
            }
            Self::WrongSecret { key } => debug!(event = "wrong_secret", %key, "a ticket's secret is wrong"),
            Self::Gone { key } => debug!(event = "gone", %key, "a ticket's session is dead or never was"),
            Self::Malformed => debug!(event = "malformed", "a cookie holds no ticket"),
            Self::Ambiguous { key, other, news: true } => {
                let why = "a request carries two different live tickets; one of them may be planted";
                warn!(event = "ambiguous", %key, %other, "{why}");
            }
            Self::Ambiguous { key, other, news: false } => {
                debug!(event = "ambiguous", %key, %other, "a request carries two different live tickets again");
            }
            Self::AddressMismatch { key, news: true } => {
                warn!(event = "address_mismatch", %key, "a ticket comes from another address than its session");
            }
            Self::AddressMismatch { key, news: false } => {
                debug!(event = "address_mismatch", %key, "a ticket comes from another address again");
            }
            Self::Forged { key: Some(key), news: true } => {
                warn!(event = "forged", %key, "a form brought no CSRF token of its session");
            }
            Self::Forged { key, .. } => {
                let key = key.map(display);
                debug!(event = "forged", key, "a form brought no CSRF token of its session");
            }
            Self::Corrupt { key, why } => {
                error!(event = "corrupt", %key, why, "a session's record is damaged; the visitor starts a new one");
            }
            Self::Conflict { key, replay } => {
                debug!(event = "conflict", %key, replay, "another write came first, and changes are replayed");
            }
            Self::Kept { key, replays } => {
                debug!(event = "replayed", %key, replays, "changes were kept on newer data");
            }
            Self::StoreFailed { verb, key, error } => {
                let (key, error, verb) = (key.map(display), error as &dyn Error, verb.name());
                debug!(event = "store_failed", key, verb, error, "a call to the store failed");
            }
            Self::Unnoted { key, error } => {
                let (key, error) = (key.map(display), error as &dyn Error);
                let what = "it could not be noted that a session was used, and it may expire early";
                warn!(event = "unnoted", key, error, "{what}");
            }
            Self::Uncommitted { key } => {
                let key = key.map(display);
                warn!(event = "uncommitted", key, "changes of a session were never committed and are lost");
            }
            Self::Uninitialized { error } => {
                error!(event = "uninitialized", %error, "the initializer failed, a session starts empty");
            }
        }
    }
}
