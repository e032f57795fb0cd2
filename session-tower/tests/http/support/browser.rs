//! A visitor.

use std::sync::{Arc, Mutex};

use axum::{Router, body};
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode,
    header::{CONTENT_TYPE, COOKIE, SET_COOKIE},
};
use tower::ServiceExt;

/// A visitor with one cookie; a clone is another tab.
#[derive(Clone)]
pub(crate) struct Browser {
    app: Router,
    cookie: Arc<Mutex<Option<String>>>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Browser {
    pub(crate) fn new(app: Router) -> Self {
        Self { app, cookie: Arc::default() }
    }

    /// Returns a visitor of the same application who was never there.
    pub(crate) fn other(&self) -> Self {
        Self::new(self.app.clone())
    }

    /// Returns the cookie as a request brings it.
    pub(crate) fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    pub(crate) fn set_cookie(&self, cookie: &str) {
        *self.cookie.lock().unwrap() = Some(cookie.into());
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_with(path, |_| {}).await
    }

    /// Posts a form.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        let form = form.to_owned();
        self.get_with(path, |request| {
            *request.method_mut() = Method::POST;
            let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers_mut().insert(CONTENT_TYPE, kind);
            *request.body_mut() = form.into();
        })
        .await
    }

    /// Sends a request that `change` changes before.
    pub(crate) async fn get_with(&self, path: &str, change: impl FnOnce(&mut Request<body::Body>)) -> Answer {
        let mut request = Request::get(path).body(body::Body::empty()).unwrap();
        if let Some(cookie) = self.cookie() {
            request.headers_mut().insert(COOKIE, cookie.parse().unwrap());
        }
        change(&mut request);
        let response = self.app.clone().oneshot(request).await.unwrap();
        let answer = Answer::read(response).await;
        if let Some(set) = answer.set_cookie() {
            let pair = set.split(';').next().unwrap();
            let removed = set.contains("Max-Age=0");
            *self.cookie.lock().unwrap() = (!removed).then(|| pair.to_owned());
        }
        answer
    }
}

impl Answer {
    async fn read(response: Response<body::Body>) -> Self {
        let (head, body) = response.into_parts();
        let bytes = body::to_bytes(body, usize::MAX).await.unwrap();
        Self { status: head.status, headers: head.headers, text: String::from_utf8(bytes.into()).unwrap() }
    }

    /// Returns the only `Set-Cookie` header.
    pub(crate) fn set_cookie(&self) -> Option<&str> {
        let mut all = self.headers.get_all(SET_COOKIE).iter().filter(|value| value.is_sensitive());
        let first = all.next()?.to_str().unwrap();
        assert!(all.next().is_none(), "two cookies of ours");
        Some(first)
    }

    /// Returns the header called `name`, its lines joined with " + ".
    pub(crate) fn header(&self, name: &str) -> String {
        let lines: Vec<_> = self.headers.get_all(name).iter().map(|line| line.to_str().unwrap()).collect();
        lines.join(" + ")
    }
}
