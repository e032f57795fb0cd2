//! A visitor's browser: it keeps the cookie it was given.

use std::net::{IpAddr, SocketAddr};

use crate::{
    client::{Answer, Connection},
    server::Server,
};

/// A visitor's browser.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    server: SocketAddr,
    from: IpAddr,
    /// Name and value, or empty.
    pub(crate) cookie: String,
}

impl Browser {
    pub(crate) fn new(server: SocketAddr) -> Self {
        Self { server, from: [127, 0, 0, 1].into(), cookie: String::new() }
    }

    /// Returns this browser, cookie and all, at another address.
    pub(crate) fn moved_to(&self, from: impl Into<IpAddr>) -> Self {
        Self { from: from.into(), ..self.clone() }
    }

    /// Returns this browser, cookie and all, in front of another server.
    pub(crate) fn at(&self, server: &Server) -> Self {
        Self { server: server.address, ..self.clone() }
    }

    /// Returns a browser that was given this one's cookie.
    pub(crate) fn with(&self, cookie: &str) -> Self {
        Self { cookie: cookie.into(), ..self.clone() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path).await
    }

    /// Sends a request, and keeps the cookie of the answer.
    pub(crate) async fn send(&mut self, method: &str, path: &str) -> Answer {
        let mut connection = self.connect().await;
        let cookie = self.cookie.clone();
        let cookies: &[&[u8]] = if cookie.is_empty() { &[] } else { &[cookie.as_bytes()] };
        let answer = connection.send(method, path, cookies).await.unwrap();
        self.keep(&answer);
        answer
    }

    pub(crate) async fn post_form(&mut self, path: &str, form: &str) -> Answer {
        let answer = self.connect().await.post_form(path, &self.cookie, form).await.unwrap();
        self.keep(&answer);
        answer
    }

    /// Returns the token of the form on this page.
    pub(crate) async fn token(&mut self, page: &str) -> String {
        let body = self.get(page).await.body;
        let token = body.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        token.unwrap_or_else(|| panic!("no token on {page}: {body}")).into()
    }

    /// Fills in the form on this page and sends it.
    pub(crate) async fn submit(&mut self, page: &str, to: &str, fields: &str) -> Answer {
        let token = self.token(page).await;
        self.post_form(to, &format!("csrf={token}&{fields}")).await
    }

    /// Sends an empty form with one more header.
    pub(crate) async fn post_with(&mut self, path: &str, header: &str) -> Answer {
        let cookie = format!("{}\r\n{header}", self.cookie);
        let answer = self.connect().await.post_form(path, &cookie, "").await.unwrap();
        self.keep(&answer);
        answer
    }

    /// Returns the number that `/count` answers.
    pub(crate) async fn count(&mut self) -> u64 {
        number(&self.get("/count").await)
    }

    pub(crate) async fn is_logged_in(&mut self) -> bool {
        let answer = self.get("/").await;
        assert_eq!(answer.status, 200);
        match (answer.body.contains("You are logged in"), answer.body.contains("You are not logged in.")) {
            (true, false) => true,
            (false, true) => false,
            _ => panic!("the page says both or neither: {}", answer.body),
        }
    }

    pub(crate) async fn connect(&self) -> Connection {
        Connection::open_from(self.from, self.server).await.unwrap()
    }

    fn keep(&mut self, answer: &Answer) {
        if let Some(cookie) = answer.cookie() {
            self.cookie = cookie.into();
        }
    }
}

/// Returns the number that is the whole answer.
pub(crate) fn number(answer: &Answer) -> u64 {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/plain")), "{answer:?}");
    answer.body.parse().expect("the answer is a number alone")
}
