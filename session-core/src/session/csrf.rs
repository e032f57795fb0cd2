//! Telling our own forms from those of other sites.

use super::{Place, Session};
use crate::{
    Error, Result,
    event::Event,
    sessions::Suspicion,
    ticket::{CsrfTag, CsrfToken},
};

impl Session {
    /// Returns a token for a form of this session: 64 characters of base64url, others at every call.
    ///
    /// A page of another site can send the visitor's browser to us, cookie and all, but it cannot read our pages. So a
    /// form that brings a token of its session came from us; [`verify_csrf_token`](Session::verify_csrf_token) looks.
    /// `SameSite=Lax` keeps most of such requests away already; the token stands where that ends, with older browsers,
    /// with neighbours below one domain, with changes by GET.
    ///
    /// Tokens are derived, not stored: from the session, its secret, and the newest of `secret_keys`, under a mask that is
    /// new each time, so that compressed pages give nothing away (BREACH). Without `secret_keys`, whoever reads
    /// the store can make them.
    ///
    /// | then | a token from before |
    /// |---|---|
    /// | the ticket is rotated | works on until the next rotation, with the new ticket and with the late one |
    /// | somebody logs in | is refused at once |
    /// | the session ends | is refused at once |
    /// | the secret key moves back in `secret_keys` | works as long as it is listed |
    ///
    /// A session that is not stored has nothing to derive a token from. Where a new visitor gets a form, as at the login,
    /// keep something first:
    ///
    /// ```
    /// # use session_core::{Config, Session, Sessions};
    /// async fn login_form(session: &Session) -> session_core::Result<String> {
    ///     if session.is_new() {
    ///         session.insert("before_login", &true)?;
    ///         session.commit().await?;
    ///     }
    ///     let token = session.csrf_token()?;
    ///     Ok(format!(r#"<form method="post"><input type="hidden" name="csrf" value="{token}">…</form>"#))
    /// }
    /// # pollster::block_on(async {
    /// # let sessions = Sessions::new(store_memory::MemoryStore::new(), Config::default())?;
    /// # let session = sessions.open(&[] as &[&str], None).await?;
    /// # assert!(session.csrf_token().is_err());
    /// # let form = login_form(&session).await?;
    /// # let (_, rest) = form.split_once(r#"value=""#).unwrap();
    /// # assert!(session.verify_csrf_token(&rest[..64]));
    /// # Ok::<(), session_core::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] when the session is not stored, has ended, or is shut to this handle;
    /// [`Error::Invalid`] while a login is not committed, which would make the token worthless: commit first;
    /// [`Error::Randomness`] when the operating system gives no random bytes.
    pub fn csrf_token(&self) -> Result<String> {
        let state = self.state();
        if state.wants_login() {
            return Err(Error::Invalid {
                what: "CSRF token",
                why: "a login is not kept yet; commit it first",
            });
        }
        let (Place::Stored(hold), false) = (&state.place, state.killing) else { return Err(Error::Missing) };
        let keys = &self.context().config.secret_keys;
        let tag = CsrfTag::new(&hold.key, &hold.read.facts.secret, keys);
        Ok(CsrfToken::new(&tag)?.reveal())
    }

    /// Returns whether `token` was made for this session as it is now, since its last login.
    ///
    /// Look before anything is changed, and answer a request that brings none or a wrong one with 403. What is no
    /// token, or of another session, is simply not one; the comparison takes constant time. One that is refused is the
    /// event `forged`.
    ///
    /// ```
    /// # fn run(session: &session_core::Session, form_csrf: &str) -> session_core::Result<()> {
    /// if !session.verify_csrf_token(form_csrf) {
    ///     // Answer 403.
    ///     return Ok(());
    /// }
    /// session.update("count", |count: &mut u64| *count += 1)?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn verify_csrf_token(&self, token: &str) -> bool {
        let is_ours = self.is_own_csrf_token(token);
        if !is_ours {
            let key = self.key();
            let news = key.is_some_and(|key| self.context().is_news(Suspicion::Forged, &key));
            Event::Forged { key: key.as_ref(), news }.say();
        }
        is_ours
    }

    fn is_own_csrf_token(&self, token: &str) -> bool {
        let state = self.state();
        let (Place::Stored(hold), false) = (&state.place, state.killing) else { return false };
        let Some(token) = CsrfToken::parse(token) else { return false };
        let keys = &self.context().config.secret_keys;
        let secrets = hold.read.facts.secrets_of_pages();
        let tags: Vec<_> = secrets.flat_map(|secret| CsrfTag::accepted(&hold.key, secret, keys)).collect();
        token.carries_one_of(&tags)
    }
}
