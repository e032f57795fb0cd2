//! The service that the layer makes.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tower_service::Service;

use crate::{LazySession, ResponseFuture, layer::Settings, visit::Visit};

/// A service whose requests have a session; [`SessionLayer`](crate::SessionLayer) makes it.
///
/// ```
/// use http::{Request, Response};
/// use session_tower::{Config, Error, LazySession, SessionLayer, Sessions};
/// use tower::{Layer, ServiceExt, service_fn};
///
/// async fn count(request: Request<String>) -> Result<Response<String>, Error> {
///     let lazy = request.extensions().get::<LazySession>().ok_or(Error::NoLayer)?;
///     let session = lazy.open().await?;
///     session.update("count", |count: &mut u64| *count += 1)?;
///     Ok(Response::new("counted".into()))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// let sessions = Sessions::new(store_memory::MemoryStore::new(), Config::default())?;
/// let answered = service_fn(async |request| {
///     count(request).await.or_else(|error| Ok::<_, Error>(error.to_response()))
/// });
/// let response = SessionLayer::new(sessions).layer(answered).oneshot(Request::new(String::new())).await?;
/// assert!(response.headers().contains_key("set-cookie"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct SessionService<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S> SessionService<S> {
    pub(crate) fn new(inner: S, settings: Arc<Settings>) -> Self {
        Self { inner, settings }
    }
}

impl<S, I, O> Service<Request<I>> for SessionService<S>
where
    S: Service<Request<I>, Response = Response<O>>,
    O: From<String>,
{
    type Response = Response<O>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, O>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<I>) -> Self::Future {
        let visit = Arc::new(Visit::new(&self.settings, request.headers(), request.extensions()));
        request.extensions_mut().insert(LazySession::new(visit.clone()));
        ResponseFuture::new(self.inner.call(request), visit)
    }
}
