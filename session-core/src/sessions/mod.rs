//! Where sessions are opened, swept and revoked.

mod directory;
mod open;
mod suspicions;

use std::sync::Arc;

use serde::Serialize;

pub use self::directory::Listed;
pub(crate) use self::suspicions::{Suspicion, Suspicions};
use crate::{
    Clock, Config, Initial, Result, SetCookie, Store, SystemClock, commit::Lines, context::Context, cookie,
    initial::Initializer,
};

/// The sessions of one application: a store, a configuration and a clock.
///
/// Built once and cloned at will; clones are the same sessions. Two `Sessions` on one store agree as well, only that
/// commits of one session are combined within each of them.
///
/// ```
/// use session_core::{Config, Sessions};
/// use store_memory::MemoryStore;
///
/// # pollster::block_on(async {
/// let sessions = Sessions::new(MemoryStore::new(), Config::default())?.initial("count", &0)?;
///
/// let session = sessions.open(&["a=1; b=2"], None).await?;
/// assert_eq!(session.get::<u32>("count")?, Some(0));
/// # Ok::<(), session_core::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Sessions {
    context: Arc<Context>,
}

impl Sessions {
    /// How many dead sessions one [`sweep`](Sessions::sweep) deletes at most.
    pub const SWEEP_BATCH: usize = 500;

    /// Returns the sessions in `store`, handled as `config` says.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config), which names the parameter that is not acceptable.
    pub fn new(store: impl Store, config: Config) -> Result<Self> {
        Self::shared(Arc::new(store), config)
    }

    /// Returns the sessions in a store that is chosen at run time, or shared.
    ///
    /// # Errors
    ///
    /// As [`new`](Sessions::new).
    pub fn shared(store: Arc<dyn Store>, config: Config) -> Result<Self> {
        config.validate()?;
        let context = Context {
            store,
            config,
            clock: Arc::new(SystemClock),
            initializer: Initializer::default(),
            lines: Lines::default(),
            suspicions: Arc::default(),
        };
        Ok(Self { context: Arc::new(context) })
    }

    /// Reads the time from `clock` instead of the system's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        Arc::make_mut(&mut self.context).clock = clock;
        self
    }

    /// Lets every new session start with `value` under `name`; that alone stores nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Unserialisable`](crate::Error::Unserialisable) when `value` does not serialise.
    pub fn initial<T: Serialize + ?Sized>(mut self, name: &str, value: &T) -> Result<Self> {
        Arc::make_mut(&mut self.context).initializer.insert(name, value)?;
        Ok(self)
    }

    /// Lets `initializer` fill every new session, after the values of [`initial`](Sessions::initial).
    ///
    /// It runs whenever a visitor without a session arrives, and stores nothing.
    ///
    /// ```
    /// # fn run(sessions: session_core::Sessions) {
    /// let sessions = sessions.initializer(|new| {
    ///     new.insert("theme", "dark")?;
    ///     new.insert("count", &0)
    /// });
    /// # }
    /// ```
    #[must_use]
    pub fn initializer<F>(mut self, initializer: F) -> Self
    where
        F: Fn(&mut Initial) -> Result<()> + Send + Sync + 'static,
    {
        Arc::make_mut(&mut self.context).initializer.set_closure(Arc::new(initializer));
        self
    }

    /// Returns the configuration in force.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.context.config
    }

    /// Returns the header that makes the browser forget the cookie, whatever it holds.
    ///
    /// It is for a visitor who is turned away because the session has expired, and would be turned away for ever with
    /// the cookie that names it. What a request that is served must do to the cookie, [`Session::cookie`] says.
    ///
    /// ```
    /// # use session_core::{Config, Sessions};
    /// # fn main() -> session_core::Result<()> {
    /// let sessions = Sessions::new(store_memory::MemoryStore::new(), Config::plain_http())?;
    /// assert!(sessions.removal_cookie().as_str().starts_with("id=; "));
    /// # Ok(()) }
    /// ```
    ///
    /// [`Session::cookie`]: crate::Session::cookie
    #[must_use]
    pub fn removal_cookie(&self) -> SetCookie {
        cookie::removal(&self.context.config)
    }

    /// Deletes at most [`SWEEP_BATCH`](Sessions::SWEEP_BATCH) dead sessions, and returns how many it deleted.
    ///
    /// Dead sessions are never served whether or not anything sweeps; this makes room. Call it again at once while it
    /// returns the whole batch.
    ///
    /// # Errors
    ///
    /// As [`Store::delete_expired`].
    pub async fn sweep(&self) -> Result<usize> {
        self.context.delete_expired(Self::SWEEP_BATCH).await
    }
}
