//! The handle that an application reads and writes.

mod at_once;
mod commit;
mod csrf;
mod found;
mod nested;
mod objects;
mod place;
mod renewal;
mod settle;
mod state;
mod step;
mod typed;
mod values;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

pub use self::{
    found::{Found, Shut},
    typed::{Typed, TypedValue},
};
pub(crate) use self::{
    place::{Hold, Place},
    state::State,
};
use crate::{
    CookieChange, Error, Key, Owner, Result, Timestamp,
    commit::Change,
    context::Context,
    cookie::{removal, set_cookie},
    event::Event,
    frame::Values,
};

/// A session as one request holds it.
///
/// A cheap handle: clones share one state, and none of the methods for values waits for anything. Changes are
/// collected, and [`commit`](Session::commit) saves them; another request's changes of the same session are never
/// overwritten, because the collected ones are replayed on whatever is stored by then.
///
/// ```
/// # use session_core::{Config, Session, Sessions};
/// # pollster::block_on(async {
/// let sessions = Sessions::new(store_memory::MemoryStore::new(), Config::default())?;
/// let session = sessions.open(&[] as &[&str], None).await?;
///
/// session.insert("user", "Ada")?;
/// session.update("visits", |visits: &mut u64| *visits += 1)?;
/// assert_eq!(session.get::<u64>("visits")?, Some(1));
/// session.commit().await?;
/// # Ok::<(), session_core::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

struct Inner {
    context: Arc<Context>,
    state: Mutex<State>,
}

impl Session {
    /// The most bytes a label may have.
    pub const LABEL_BYTES_MAX: usize = 255;

    pub(crate) fn new(context: Arc<Context>, state: State) -> Self {
        Self { inner: Arc::new(Inner { context, state: Mutex::new(state) }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn context(&self) -> &Arc<Context> {
        &self.inner.context
    }

    /// Returns what a session starts from that follows this one.
    fn initial(&self) -> Values {
        self.context().initializer.values().unwrap_or_else(|error| {
            Event::Uninitialized { error: &error }.say();
            Values::default()
        })
    }

    /// Returns how the session was found when the handle was opened.
    #[must_use]
    pub fn found(&self) -> Found {
        self.state().found
    }

    /// Returns whether the session is not stored, so that nothing is kept of the visitor yet.
    #[must_use]
    pub fn is_new(&self) -> bool {
        let state = self.state();
        state.killing || matches!(state.place, Place::New { .. })
    }

    /// Returns the key of the stored session, which is safe to log; a session gets its key when it is first stored.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        self.state().key()
    }

    /// Returns whose session it is, with the changes since the last commit.
    #[must_use]
    pub fn owner(&self) -> Option<Owner> {
        self.state().owner().cloned()
    }

    /// Returns when the stored session was created.
    #[must_use]
    pub fn created_at(&self) -> Option<Timestamp> {
        let state = self.state();
        state.key().and_then(|_| Some(state.content()?.facts.created_at))
    }

    /// Returns when the stored session was last logged in, so that an application can ask for the password again before
    /// something important. How the visitor proved who they are is a value of your own, to be set with each login.
    ///
    /// ```
    /// use std::time::Duration;
    /// use session_core::{Session, Timestamp};
    ///
    /// fn may_transfer(session: &Session, now: Timestamp) -> bool {
    ///     session.login_at().is_some_and(|login_at| now.since(login_at) < Duration::from_secs(300))
    /// }
    /// ```
    #[must_use]
    pub fn login_at(&self) -> Option<Timestamp> {
        let state = self.state();
        state.key().and_then(|_| state.content()?.facts.login_at)
    }

    /// Makes the session that of `owner`, under a new ticket; the old ticket opens nothing from then on.
    ///
    /// Call it whenever the visitor's rights rise: a login, a second factor, an administrator's mode (OWASP session
    /// fixation). A session that has another owner already is killed, and the login begins a new one without
    /// anything of the former owner.
    ///
    /// A login is never dropped quietly. When another request logged in or rotated first, this one gets a
    /// session of its own, unless it had an owner when it was opened: then `commit` answers [`Error::Gone`].
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when `owner` is empty or longer than [`Owner::MAX_BYTES`].
    pub fn login(&self, owner: &str) -> Result<()> {
        let owner = Owner::new(owner)?;
        // The initializer is foreign code and runs outside the lock; the kill and the login are one step within it.
        let mut initial = None;
        loop {
            let logged_in = self.state().login(&owner, initial.take());
            match logged_in {
                Some(_given_up) => return Ok(()),
                None => initial = Some(self.initial()),
            }
        }
    }

    /// Replaces the ticket by a new one. The old one goes on reading and adding for a short while, so that requests
    /// in flight lose nothing.
    ///
    /// This is renewal alone: where rights rise, use [`login`](Session::login).
    pub fn rotate(&self) {
        self.state().push(Change::Rotate);
    }

    /// Ends the session: web.py's `kill`, Karrigell's `close`.
    ///
    /// Once the commit returned, no request in flight brings it back. What is changed after `kill` goes into a new
    /// session.
    pub fn kill(&self) {
        let initial = self.initial();
        let _given_up = self.state().kill(initial);
    }

    /// Gives this session an idle timeout of its own in place of the configured one.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when `timeout` is less than a millisecond.
    pub fn set_timeout(&self, timeout: Duration) -> Result<()> {
        if timeout.as_millis() == 0 {
            return Err(Error::Invalid { what: "timeout", why: "it is less than a millisecond; use kill" });
        }
        self.state().push(Change::Timeout(Some(timeout)));
        Ok(())
    }

    /// Labels the session for a list of the user's sessions, such as `Firefox on Linux`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when `label` is longer than [`Session::LABEL_BYTES_MAX`].
    pub fn set_label(&self, label: &str) -> Result<()> {
        if label.len() > Self::LABEL_BYTES_MAX {
            return Err(Error::Invalid { what: "label", why: "it has more than 255 bytes" });
        }
        self.state().push(Change::Label(Some(label.into())));
        Ok(())
    }

    /// Returns the label as it is stored.
    #[must_use]
    pub fn label(&self) -> Option<String> {
        self.state().content()?.facts.label.clone()
    }

    /// Returns whether anything waits to be kept: changes since the last commit, or a [`kill`](Session::kill).
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.state().has_changes()
    }

    /// Drops the changes since the last commit, but no [`kill`](Session::kill).
    pub fn discard(&self) {
        let _given_up = self.state().discard();
    }

    /// Returns what the response must do to the browser's cookie, after a commit.
    #[must_use]
    pub fn cookie(&self) -> CookieChange {
        let config = &self.context().config;
        let state = self.state();
        match &state.ticket {
            Some(ticket) => CookieChange::Set(set_cookie(config, &ticket.reveal())),
            None if state.cookie_is_void => CookieChange::Remove(removal(config)),
            None => CookieChange::Keep,
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Session")
            .field("key", &state.key())
            .field("found", &state.found)
            .field("uncommitted_changes", &state.uncommitted())
            .finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if state.uncommitted() > 0 && !std::thread::panicking() {
            Event::Uncommitted { key: state.key().as_ref() }.say();
        }
    }
}
