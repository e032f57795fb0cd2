//! What a response does to the browser's cookie.

use crate::SetCookie;

/// What a response does to the browser's cookie.
///
/// Most responses leave it alone: a cookie that is set without need brings back an old ticket when responses overtake
/// each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CookieChange {
    /// No header. The browser keeps what it has, even where that opens nothing.
    Keep,
    /// Send this header: the session was created, rotated or logged in by this request, and that was kept.
    Set(SetCookie),
    /// Send this header: this request killed the session that its cookie names, and that was deleted.
    Remove(SetCookie),
}
