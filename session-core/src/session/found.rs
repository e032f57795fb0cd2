//! How a session was found.

/// How a session was found when a request arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// The visitor showed no ticket, or one that some session long ago replaced: a new session.
    New,
    /// The visitor showed the session's ticket.
    Live,
    /// The visitor showed a ticket that was rotated away a moment ago, or whose successor has never been seen: the
    /// request reads and adds, and gets no cookie.
    Late,
    /// The visitor is shut out: the request sees nothing of the session and keeps nothing.
    Shut(Shut),
    /// The visitor showed a ticket whose session is dead or never was: a new session.
    Gone,
    /// The visitor showed something that is no ticket: a new session.
    Malformed,
    /// The session's record is damaged; it stays as it is, and the visitor gets a new session.
    Corrupt,
}

/// Why a visitor is shut out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shut {
    /// The ticket is from before a login.
    Login,
    /// The ticket's secret is wrong, just after the right one changed.
    Secret,
    /// The address is another one, and `ignore_change_ip` is off.
    Address,
    /// The request carries the tickets of two different live sessions.
    Ambiguous,
}
