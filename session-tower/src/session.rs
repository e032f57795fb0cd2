//! The handle that a handler takes.

use std::{ops::Deref, sync::Arc};

use crate::{Error, visit::Visit};

/// The session of a request.
///
/// It is a [`session_core::Session`] and has all its methods; with the feature `axum` a handler takes it as an
/// argument. Clones are the same session, and may be kept beyond the response; what they change then, they commit.
///
/// ```
/// use session_tower::{Error, Session};
///
/// async fn login(session: Session) -> Result<&'static str, Error> {
///     session.login("user-42")?;
///     session.insert("theme", "dark")?;
///     Ok("welcome")
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Session {
    core: session_core::Session,
    visit: Arc<Visit>,
}

impl Session {
    pub(crate) fn new(core: session_core::Session, visit: Arc<Visit>) -> Self {
        Self { core, visit }
    }

    /// Saves the changes now rather than at the end of the request; what is read afterwards was kept.
    ///
    /// As [`session_core::Session::commit`], but it waits no longer than `store_timeout`, which all calls of one
    /// request share until its response.
    ///
    /// ```
    /// use session_tower::{Error, Session};
    ///
    /// async fn count(session: Session) -> Result<String, Error> {
    ///     session.update("count", |count: &mut u64| *count += 1)?;
    ///     session.commit().await?;
    ///     Ok(session.get::<u64>("count")?.unwrap_or(0).to_string())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Session`] as there, [`Error::Timeout`] when the store was too slow: it is not known then whether the
    /// changes were kept, and another commit finds out.
    pub async fn commit(&self) -> Result<(), Error> {
        self.visit.commit(&self.core).await
    }

    /// Refuses a request whose form did not come from a page of this session; see
    /// [`csrf_token`](session_core::Session::csrf_token), which makes what the form has to bring.
    ///
    /// Check before anything is changed.
    ///
    /// ```
    /// use axum::Form;
    /// use session_tower::{Error, Session};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Transfer {
    ///     csrf: String,
    ///     amount: u64,
    /// }
    ///
    /// async fn transfer(session: Session, Form(transfer): Form<Transfer>) -> Result<(), Error> {
    ///     session.check_csrf_token(&transfer.csrf)?;
    ///     Ok(session.update("sent", move |sent: &mut u64| *sent += transfer.amount)?)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Forged`], which is answered with 403.
    pub fn check_csrf_token(&self, token: &str) -> Result<(), Error> {
        if self.verify_csrf_token(token) { Ok(()) } else { Err(Error::Forged) }
    }
}

impl Deref for Session {
    type Target = session_core::Session;

    fn deref(&self) -> &session_core::Session {
        &self.core
    }
}
