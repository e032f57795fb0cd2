//! tower-sessions as an application uses it, on any of its stores.

use std::{hint::black_box, sync::Arc};

use harness::{Handle, Values};
use tower_sessions::{Session, SessionStore, session::Id};

pub(crate) struct Theirs<S>(Arc<S>);

impl<S: SessionStore> Theirs<S> {
    pub(crate) fn new(store: S) -> Self {
        Self(Arc::new(store))
    }

    /// Opens a session as the layer does with the text of a cookie.
    fn open(&self, cookie: &str) -> Session {
        Session::new(Some(cookie.parse::<Id>().unwrap()), Arc::clone(&self.0), None)
    }
}

impl<S: SessionStore> Handle for Theirs<S> {
    type Cookie = String;

    async fn start(&self, values: &Values) -> String {
        let session = Session::new(None, Arc::clone(&self.0), None);
        for (name, text) in &values.pairs {
            session.insert(name, text).await.unwrap();
        }
        session.save().await.unwrap();
        session.id().unwrap().to_string()
    }

    async fn read(&self, cookie: &String, name: &str) {
        black_box(self.open(cookie).get::<String>(name).await.unwrap().unwrap());
    }

    async fn commit(&self, cookie: &String, change: u64) {
        let session = self.open(cookie);
        session.insert(Values::CHANGE, Values::change(change)).await.unwrap();
        session.save().await.unwrap();
    }
}
