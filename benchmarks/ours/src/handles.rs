//! Our sessions as an application uses them, on any of our stores.

use std::hint::black_box;

use harness::{Handle, Values, handle_rounds};
use session_core::{Config, CookieChange, Session, Sessions};

use crate::{open, sql};

/// Measures handles on the store called `name`.
pub(crate) async fn run(name: &str, place: &str, bytes: usize, sessions: usize) {
    let store = open::shared(name, place).await;
    handle_rounds(Ours(Sessions::shared(store, Config::plain_http()).unwrap()), bytes, sessions).await;
    sql::clean_up(name, place).await;
}

/// Starts a session with `values`, and returns its cookie as a browser sends it.
pub(crate) async fn start(sessions: &Sessions, values: &Values) -> String {
    let session = sessions.open(&[] as &[&str], None).await.unwrap();
    for (name, text) in &values.pairs {
        session.insert(name, text).unwrap();
    }
    let CookieChange::Set(cookie) = session.finish().await.unwrap() else {
        panic!("a new session sets a cookie")
    };
    cookie.as_str().split(';').next().unwrap().to_owned()
}

struct Ours(Sessions);

impl Ours {
    async fn open(&self, cookie: &str) -> Session {
        let session = self.0.open(&[cookie], None).await.unwrap();
        assert!(!session.is_new());
        session
    }
}

impl Handle for Ours {
    type Cookie = String;

    async fn start(&self, values: &Values) -> String {
        start(&self.0, values).await
    }

    async fn read(&self, cookie: &String, name: &str) {
        black_box(self.open(cookie).await.get::<String>(name).unwrap().unwrap());
    }

    async fn commit(&self, cookie: &String, change: u64) {
        let session = self.open(cookie).await;
        session.insert(Values::CHANGE, &Values::change(change)).unwrap();
        black_box(session.finish().await.unwrap());
    }
}
