//! The session of a request, before it is loaded.

use std::{fmt, sync::Arc};

use crate::{Error, Session, visit::Visit};

/// The session of a request, which is loaded when it is first asked for.
///
/// The [layer](crate::SessionLayer) puts it into the extensions of every request; clones are the same session. With the
/// feature `axum` it is an extractor too, for a handler that needs its session only sometimes.
///
/// ```
/// use session_tower::{Error, LazySession};
///
/// async fn page(lazy: LazySession) -> Result<String, Error> {
///     if std::env::var("MAINTENANCE").is_ok() {
///         return Ok("back soon".into());
///     }
///     Ok(format!("{} values", lazy.open().await?.len()))
/// }
/// ```
#[derive(Clone)]
pub struct LazySession {
    visit: Arc<Visit>,
}

impl LazySession {
    pub(crate) fn new(visit: Arc<Visit>) -> Self {
        Self { visit }
    }

    /// Returns the session, and loads it unless that was done before for this request.
    ///
    /// Several calls at once wait for one load, and what came of it stands for the whole request.
    ///
    /// # Errors
    ///
    /// [`Error::Session`] and [`Error::Timeout`] when the store failed or was too slow; [`Error::Expired`] and
    /// [`Error::Refused`] when the visitor is turned away; [`Error::NoAddress`] when the address is needed and not known.
    pub async fn open(&self) -> Result<Session, Error> {
        let core = self.visit.open().await?;
        Ok(Session::new(core, self.visit.clone()))
    }
}

impl fmt::Debug for LazySession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazySession").field("visit", &self.visit).finish()
    }
}
