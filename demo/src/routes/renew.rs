//! A new ticket for the same session.

use session_tower::Session;

/// Replaces the ticket; everything else stays.
pub(crate) async fn renew(session: Session) -> &'static str {
    session.rotate();
    "The session has a new ticket."
}
