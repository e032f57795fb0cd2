//! One request, from its arrival to its response.

use std::{
    fmt,
    net::IpAddr,
    pin::{Pin, pin},
    slice,
    sync::Arc,
};

use http::{Extensions, HeaderMap, Response, StatusCode, header::COOKIE};
use session_core::{CookieChange, Found, Key, Outcome, Shut};
use tokio::sync::OnceCell;

use crate::{
    Error, address,
    answer::{self, Carried},
    headers,
    layer::Settings,
    patience::Patience,
};

/// One request: what it brought, and the session once it is opened.
pub(crate) struct Visit {
    settings: Arc<Settings>,
    /// All lines of the `Cookie` header. They are copied, because a header value that is kept with a handle would keep
    /// the whole head of the request in memory.
    cookies: Vec<u8>,
    address: Option<IpAddr>,
    patience: Patience,
    opened: OnceCell<Result<session_core::Session, Error>>,
}

impl Visit {
    pub(crate) fn new(settings: &Arc<Settings>, headers: &HeaderMap, extensions: &Extensions) -> Self {
        Self {
            settings: settings.clone(),
            cookies: cookies(headers),
            address: address::of(headers, extensions, settings.proxies.as_ref()),
            patience: Patience::new(settings.sessions.config().store_timeout),
            opened: OnceCell::new(),
        }
    }

    /// Opens the session, or returns what came of it before.
    pub(crate) async fn open(&self) -> Result<session_core::Session, Error> {
        match self.open_at_once() {
            Some(opened) => opened,
            // In a box, so that the future of a handler has no room for all that this may have to wait for.
            None => Box::pin(self.opened.get_or_init(|| self.load())).await.clone(),
        }
    }

    /// Opens the session, or returns what came of it before, where nothing has to be waited for.
    fn open_at_once(&self) -> Option<Result<session_core::Session, Error>> {
        if self.opened.get().is_none() {
            let opened = match self.address() {
                Ok(address) => {
                    let sessions = &self.settings.sessions;
                    let session = sessions.open_at_once(slice::from_ref(&self.cookies), address)?;
                    session.map_err(Error::from).and_then(|session| self.admit(session))
                }
                Err(error) => Err(error),
            };
            // Somebody else may be opening it right now, and then that one counts.
            drop(self.opened.set(opened));
        }
        self.opened.get().cloned()
    }

    /// Returns whether a request that was answered with `status` has to be finished: most have not opened their session, or
    /// have committed it.
    pub(crate) fn is_unfinished(&self, status: StatusCode) -> bool {
        let Some(Ok(session)) = self.opened.get() else { return false };
        status.is_server_error() || session.wants_commit()
    }

    /// Commits the session now.
    pub(crate) async fn commit(&self, session: &session_core::Session) -> Result<(), Error> {
        self.keep(session, pin!(session.commit())).await
    }

    /// Waits for `commit`; where it is too slow, that is no failure of a request that had nothing to keep.
    async fn keep(
        &self,
        session: &session_core::Session,
        commit: Pin<&mut impl Future<Output = session_core::Result<()>>>,
    ) -> Result<(), Error> {
        match self.patience.wait(Outcome::Unknown, commit).await {
            Err(error @ Error::Timeout(_)) if !session.has_changes() => {
                let key = session.key().map(tracing::field::display);
                tracing::warn!(event = "unnoted", key, %error, "it could not be noted that a session was used, and it may expire early");
                Ok(())
            }
            kept => kept,
        }
    }

    /// Commits the session at the end of a request that was answered with `status`.
    ///
    /// What cannot be kept is given up, because the visitor is told so.
    pub(crate) async fn finish(&self, status: StatusCode) -> Result<(), Error> {
        let Some(session) = self.ended(status) else { return Ok(()) };
        let finish = pin!(async { session.finish().await.map(drop) });
        let finished = self.keep(session, finish).await;
        if finished.is_err() {
            session.discard();
        }
        finished
    }

    /// Does what [`finish`](Visit::finish) does, where nothing has to be waited for.
    pub(crate) fn finish_at_once(&self, status: StatusCode) -> Option<Result<(), Error>> {
        let session = self.ended(status)?;
        let finished = session.finish_at_once()?;
        if finished.is_err() {
            session.discard();
        }
        Some(finished.map(drop).map_err(Error::from))
    }

    /// Returns the session of a request that was answered with `status`, if it is open; a server's error gives up its
    /// changes.
    fn ended(&self, status: StatusCode) -> Option<&session_core::Session> {
        let session = self.opened.get()?.as_ref().ok()?;
        if status.is_server_error() {
            session.discard();
        }
        Some(session)
    }

    /// Turns the handler's response into the one that leaves; `failure` is why its session was not committed.
    pub(crate) fn conclude<B>(&self, mut response: Response<B>, failure: Option<&Error>) -> Response<B>
    where
        B: From<String>,
    {
        self.patience.renew();
        let on_error = &self.settings.on_error;
        let carried = Carried::take(&mut response);
        let unheard = match (&carried, self.opened.get()) {
            (None, Some(Err(error))) => Some(error),
            _ => None,
        };
        for error in unheard.into_iter().chain(&carried).chain(failure) {
            answer::log(error, self.key());
        }
        if let Some(error) = &carried {
            answer::put(on_error(error), &mut response);
        } else if let Some(error) = failure {
            response = answer::page(on_error(error));
        }
        if let Some(opened) = self.opened.get() {
            let cookie = self.cookie(opened);
            headers::write(response.headers_mut(), &cookie);
            if self.settings.clears_site_data && matches!(cookie, CookieChange::Remove(_)) {
                headers::clear_site_data(response.headers_mut());
            }
        }
        response
    }

    /// Returns the key of the session, if one is open and stored.
    fn key(&self) -> Option<Key> {
        self.opened.get()?.as_ref().ok()?.key()
    }

    async fn load(&self) -> Result<session_core::Session, Error> {
        let open = pin!(self.settings.sessions.open(slice::from_ref(&self.cookies), self.address()?));
        let session = self.patience.wait(Outcome::NotApplied, open).await?;
        self.admit(session)
    }

    /// Returns the visitor's address, or an error where it is needed and not known.
    fn address(&self) -> Result<Option<IpAddr>, Error> {
        let is_needed = !self.settings.sessions.config().ignore_change_ip;
        if self.address.is_none() && is_needed { Err(Error::NoAddress) } else { Ok(self.address) }
    }

    /// Returns the session, unless the visitor is turned away.
    fn admit(&self, session: session_core::Session) -> Result<session_core::Session, Error> {
        let config = self.settings.sessions.config();
        let message = || config.expired_message.as_str().into();
        match session.found() {
            Found::Gone if !config.ignore_expiry => Err(Error::Expired(message())),
            Found::Shut(Shut::Address) => Err(Error::Refused(message())),
            _ => Ok(session),
        }
    }

    /// Returns what the browser must do, whatever became of the request: a ticket that an earlier commit made is the only
    /// one that opens the session.
    fn cookie(&self, opened: &Result<session_core::Session, Error>) -> CookieChange {
        match opened {
            Ok(session) => session.cookie(),
            // The visitor would be turned away for ever with the cookie of a session that has ended.
            Err(Error::Expired(_)) => CookieChange::Remove(self.settings.sessions.removal_cookie()),
            Err(_) => CookieChange::Keep,
        }
    }
}

impl fmt::Debug for Visit {
    /// Shows no cookie.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit").field("opened", &self.opened.get()).finish_non_exhaustive()
    }
}

/// Returns all lines of the `Cookie` header as one; HTTP/2 splits them (RFC 9113, section 8.2.3).
fn cookies(headers: &HeaderMap) -> Vec<u8> {
    let mut cookies = Vec::new();
    for line in headers.get_all(COOKIE) {
        cookies.reserve(line.len() + 1);
        cookies.extend_from_slice(line.as_bytes());
        cookies.push(b';');
    }
    cookies
}
