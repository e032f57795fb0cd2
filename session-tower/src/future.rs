//! The future of a response.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::Response;
use pin_project_lite::pin_project;

use crate::{Error, visit::Visit};

type Finish = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

pin_project! {
    /// The future of a response: first the handler's, then the commit of its session.
    ///
    /// Dropped before it is done, it has committed all changes of the session or none. Whoever names the future of a
    /// service finds it under this name:
    ///
    /// ```
    /// use session_tower::{ResponseFuture, SessionService};
    /// use tower::Service;
    ///
    /// fn call<S>(service: &mut SessionService<S>, request: http::Request<()>) -> ResponseFuture<S::Future, String>
    /// where
    ///     S: Service<http::Request<()>, Response = http::Response<String>>,
    /// {
    ///     service.call(request)
    /// }
    /// ```
    pub struct ResponseFuture<F, B> {
        #[pin]
        handler: F,
        visit: Arc<Visit>,
        // The handler's response while its session is committed.
        finishing: Option<(Response<B>, Finish)>,
    }
}

impl<F, B> ResponseFuture<F, B> {
    pub(crate) fn new(handler: F, visit: Arc<Visit>) -> Self {
        Self { handler, visit, finishing: None }
    }
}

impl<F, B, E> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: From<String>,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (_, finish) = match this.finishing {
            Some(finishing) => finishing,
            None => {
                let response = ready!(this.handler.poll(cx))?;
                let status = response.status();
                if !this.visit.is_unfinished(status) {
                    return Poll::Ready(Ok(this.visit.conclude(response, None)));
                }
                if let Some(finished) = this.visit.finish_at_once(status) {
                    return Poll::Ready(Ok(this.visit.conclude(response, finished.err().as_ref())));
                }
                let visit = this.visit.clone();
                // Only a request that waits for its session to be kept pays for this box.
                let finish = Box::pin(async move { visit.finish(status).await });
                this.finishing.insert((response, finish))
            }
        };
        let finished = ready!(finish.as_mut().poll(cx));
        let (response, _) = this.finishing.take().expect("what was just polled is there");
        Poll::Ready(Ok(this.visit.conclude(response, finished.err().as_ref())))
    }
}

impl<F, B> fmt::Debug for ResponseFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").field("visit", &self.visit).finish_non_exhaustive()
    }
}
