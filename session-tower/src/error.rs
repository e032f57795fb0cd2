//! What can go wrong between a request and its session.

use std::{borrow::Cow, sync::Arc};

use http::{
    HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use session_core::Outcome;

use crate::answer::Carried;

/// Why a request has no session, or could not keep its changes.
///
/// A handler returns it with `?`. With the feature `axum` it is a response; elsewhere [`to_response`](Error::to_response)
/// makes one. The [layer](crate::SessionLayer) logs it and answers with its page for errors.
///
/// ```
/// use session_tower::{Error, Session};
///
/// async fn greet(session: Session) -> Result<String, Error> {
///     let name: Option<String> = session.get("name")?;
///     Ok(format!("Hello {}", name.unwrap_or_default()))
/// }
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The session, its store or its configuration failed.
    #[error(transparent)]
    Session(#[from] session_core::Error),

    /// The store made the request wait longer than `store_timeout`.
    #[error("the session store did not answer within `store_timeout` ({0})")]
    Timeout(Outcome),

    /// The session has expired, and `ignore_expiry` is off. It holds the `expired_message`.
    #[error("the visitor's session has expired")]
    Expired(Arc<str>),

    /// The visitor comes from another address than the session, and `ignore_change_ip` is off. It holds the
    /// `expired_message`. The session and the browser's cookie stay as they are.
    #[error("the visitor comes from another address than the session")]
    Refused(Arc<str>),

    /// A form brought no CSRF token of this session, as [`Session::check_csrf_token`](crate::Session::check_csrf_token) found.
    #[error("a form brought no CSRF token of its session")]
    Forged,

    /// The visitor's address is not known, and `ignore_change_ip` is off.
    #[error(
        "`ignore_change_ip = false` needs the visitor's address: serve the application with \
         `into_make_service_with_connect_info::<SocketAddr>()` or put a `PeerAddress` into the request's extensions, \
         and check what the proxies send"
    )]
    NoAddress,

    /// The request did not come through a [`SessionLayer`](crate::SessionLayer).
    #[error("this route has no sessions: add `.layer(SessionLayer::new(sessions))` after it")]
    NoLayer,
}

impl Error {
    /// Returns the status to answer with.
    ///
    /// - 403 for a visitor who is turned away: [`Expired`](Error::Expired), [`Refused`](Error::Refused),
    ///   [`Forged`](Error::Forged);
    /// - 503 where trying again helps: a store that failed, is full or too slow, a session that was
    ///   [`Gone`](session_core::Error::Gone);
    /// - 500 where the program or its setup is wrong.
    ///
    /// ```
    /// use session_tower::Error;
    ///
    /// assert_eq!(Error::Expired("Session expired".into()).status(), 403);
    /// assert_eq!(Error::Session(session_tower::session_core::Error::Full).status(), 503);
    /// assert_eq!(Error::NoAddress.status(), 500);
    /// ```
    #[must_use]
    pub fn status(&self) -> StatusCode {
        use session_core::Error as Core;
        match self {
            Self::Expired(_) | Self::Refused(_) | Self::Forged => StatusCode::FORBIDDEN,
            Self::Timeout(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Session(Core::Backend { .. } | Core::Full | Core::Gone | Core::Conflict) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Session(_) | Self::NoAddress | Self::NoLayer => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns what to tell the visitor, a line of plain text without anything internal.
    ///
    /// ```
    /// use session_tower::Error;
    ///
    /// assert_eq!(Error::Expired("Session expired".into()).text(), "Session expired");
    /// assert_eq!(Error::NoAddress.text(), "The service has failed.");
    /// ```
    #[must_use]
    pub fn text(&self) -> Cow<'static, str> {
        match self {
            Self::Expired(message) | Self::Refused(message) => message.to_string().into(),
            Self::NoLayer => self.to_string().into(),
            Self::Forged => {
                "This page is too old, and this was not done. Please load it again and try once more.".into()
            }
            Self::Session(session_core::Error::Gone) => {
                "Your session has ended meanwhile, and this was not done. Please try again.".into()
            }
            _ if self.status() == StatusCode::SERVICE_UNAVAILABLE => {
                "The service is not available at the moment. Please try again.".into()
            }
            _ => "The service has failed.".into(),
        }
    }

    /// Returns a response of plain text, with the error among its extensions for the layer to find.
    ///
    /// ```
    /// use session_tower::Error;
    ///
    /// let response = Error::NoLayer.to_response::<String>();
    /// assert_eq!(response.status(), 500);
    /// ```
    #[must_use]
    pub fn to_response<B: From<String>>(&self) -> Response<B> {
        let mut response = Response::new(self.text().into_owned().into());
        *response.status_mut() = self.status();
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, text);
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Carried::put(self.clone(), &mut response);
        response
    }
}

#[cfg(feature = "axum")]
impl axum_core::response::IntoResponse for Error {
    fn into_response(self) -> axum_core::response::Response {
        self.to_response()
    }
}
