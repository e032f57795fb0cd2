//! The counter of the web.py manual.

use session_tower::{Error, Session};

/// Adds one, and answers the number that was kept.
pub(crate) async fn count(session: Session) -> Result<String, Error> {
    session.update("count", |count: &mut u64| *count += 1)?;
    session.commit().await?;
    Ok(session.get::<u64>("count")?.unwrap_or_default().to_string())
}

/// Ends the session.
pub(crate) async fn reset(session: Session) -> &'static str {
    session.kill();
    "The session has ended."
}
