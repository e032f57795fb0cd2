//! The layer.

use std::{fmt, sync::Arc};

use http::Response;
use session_core::Sessions;
use tower_layer::Layer;

use crate::{Error, SessionService, answer::OnError, proxies::Proxies};

/// Gives every request of a service its session.
///
/// ```
/// # use axum::{Router, routing::get};
/// use session_tower::{Config, Session, SessionLayer, Sessions};
///
/// # fn main() -> Result<(), session_tower::Error> {
/// let sessions = Sessions::new(store_memory::MemoryStore::new(), Config::default())?;
/// let app: Router = Router::new()
///     .route("/", get(|session: Session| async move { format!("{:?}", session.found()) }))
///     .layer(SessionLayer::new(sessions));
/// # Ok(()) }
/// ```
///
/// The body of the responses needs `From<String>`, as those of axum and `http_body_util::Full` have it: pages for
/// errors are made of it.
#[derive(Clone)]
pub struct SessionLayer {
    pub(crate) settings: Arc<Settings>,
}

/// What all requests of one layer share.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) sessions: Sessions,
    pub(crate) proxies: Option<Proxies>,
    pub(crate) on_error: OnError,
    pub(crate) clears_site_data: bool,
}

impl SessionLayer {
    /// Returns the layer that serves `sessions`.
    ///
    /// Clones of one [`Sessions`] combine the commits of a session; several layers of one process should share it.
    ///
    /// ```
    /// use session_tower::{Config, SessionLayer, Sessions};
    ///
    /// let sessions = Sessions::new(store_memory::MemoryStore::new(), Config::default())?;
    /// let layer = SessionLayer::new(sessions);
    /// # drop(layer);
    /// # Ok::<(), session_tower::Error>(())
    /// ```
    #[must_use]
    pub fn new(sessions: Sessions) -> Self {
        let on_error: OnError = Arc::new(Error::to_response::<String>);
        Self { settings: Arc::new(Settings { sessions, proxies: None, on_error, clears_site_data: false }) }
    }

    /// Answers every [`Error`] with `page` instead of a line of plain text.
    ///
    /// One page for all: a session that cannot be loaded, a handler's `?`, a commit at the end of the request, and a
    /// visitor who is turned away. [`Error::status`] is the status to answer with. `Cache-Control: no-store` is
    /// added unless the page has its own.
    ///
    /// ```
    /// # use session_tower::{Config, SessionLayer, Sessions};
    /// # fn main() -> Result<(), session_tower::Error> {
    /// # let sessions = Sessions::new(store_memory::MemoryStore::new(), Config::default())?;
    /// let layer = SessionLayer::new(sessions).on_error(|error| {
    ///     let mut page = http::Response::new(format!("<h1>Sorry</h1> {}", error.text()));
    ///     *page.status_mut() = error.status();
    ///     page.headers_mut().insert("content-type", http::HeaderValue::from_static("text/html"));
    ///     page
    /// });
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn on_error<F>(mut self, page: F) -> Self
    where
        F: Fn(&Error) -> Response<String> + Send + Sync + 'static,
    {
        Arc::make_mut(&mut self.settings).on_error = Arc::new(page);
        self
    }

    /// Sends `Clear-Site-Data: "cache", "storage"` whenever a response removes the cookie: after a logout, and when a
    /// visitor is turned away because the session has expired.
    ///
    /// The browser then forgets what the site cached and stored, over HTTPS alone (OWASP, ASVS 14.3.1). It is off by
    /// default, because it is the whole origin's, other applications' included. A handler that sets the header itself is
    /// left alone, and one that kills its session may add `"cookies"`, which reaches all hosts of the domain.
    ///
    /// ```
    /// # use session_tower::{Config, SessionLayer, Sessions};
    /// # fn main() -> Result<(), session_tower::Error> {
    /// # let sessions = Sessions::new(store_memory::MemoryStore::new(), Config::default())?;
    /// let layer = SessionLayer::new(sessions).clear_site_data();
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn clear_site_data(mut self) -> Self {
        Arc::make_mut(&mut self.settings).clears_site_data = true;
        self
    }

    /// Believes the header called `header` about the visitor's address when the peer is one of `proxies`.
    ///
    /// Each of `proxies` is an address or a range in CIDR notation. The header is a list of addresses, each proxy
    /// adding the one it heard from at the end: `X-Forwarded-For`, or one with a single address such as `X-Real-IP`.
    /// Several headers of that name are one list. It is read from the right; the first address that is not a listed
    /// proxy is the visitor's. Whatever is left of it, the visitor may have made up, and it is never read. An address
    /// may have a port, and an IPv4 address that is mapped to IPv6 is the IPv4 address.
    ///
    /// From any other peer the header counts for nothing. When a listed proxy sends none, or the list holds
    /// something else before the visitor's address, the address is unknown.
    ///
    /// ```
    /// # use session_tower::{Config, SessionLayer, Sessions};
    /// # fn main() -> Result<(), session_tower::Error> {
    /// # let sessions = Sessions::new(store_memory::MemoryStore::new(), Config::default())?;
    /// let layer = SessionLayer::new(sessions)
    ///     .trusted_proxies("x-forwarded-for", ["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"])?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`session_core::Error::Config`] for what is no header name, or neither an address nor a range, and for
    /// `Forwarded` (RFC 7239), whose form is another one: let the proxy send `X-Forwarded-For`.
    pub fn trusted_proxies<P: AsRef<str>>(
        mut self,
        header: &str,
        proxies: impl IntoIterator<Item = P>,
    ) -> Result<Self, Error> {
        Arc::make_mut(&mut self.settings).proxies = Some(Proxies::new(header, proxies)?);
        Ok(self)
    }
}

impl<S> Layer<S> for SessionLayer {
    type Service = SessionService<S>;

    fn layer(&self, inner: S) -> SessionService<S> {
        SessionService::new(inner, self.settings.clone())
    }
}

impl fmt::Debug for SessionLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer")
            .field("sessions", &self.sessions)
            .field("proxies", &self.proxies)
            .finish_non_exhaustive()
    }
}
