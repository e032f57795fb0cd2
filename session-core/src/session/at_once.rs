//! Saving and finishing in one step, where the store answers without a future.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::{
    Place, Session,
    state::{GivenUp, State},
    step::{Shown, Step},
};
use crate::{
    AtOnce, CookieChange, Expect, Result,
    commit::broken_by_panic,
    context::Context,
    event::{Call, Verb},
    frame::{Loaded, View},
    store::at_once,
};

impl Session {
    /// Does what [`finish`](Session::finish) does, if the store [answers at once](crate::Store::at_once).
    ///
    /// It returns `None` where something has to be waited for; `finish` goes on with that.
    ///
    /// ```
    /// # use session_core::{Config, CookieChange, Sessions};
    /// # fn main() -> session_core::Result<()> {
    /// let sessions = Sessions::new(store_memory::MemoryStore::new(), Config::default())?;
    /// let session = sessions.open_at_once(&[] as &[&str], None).unwrap()?;
    /// session.insert("theme", "dark")?;
    /// assert!(matches!(session.finish_at_once(), Some(Ok(CookieChange::Set(_)))));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn finish_at_once(&self) -> Option<Result<CookieChange>> {
        self.context().store.at_once()?;
        at_once(self.finish())
    }
}

impl State {
    /// Saves what the handle shows while it is locked, so that no clone of it saves the same.
    ///
    /// Where the session has changed or ended meanwhile, the next step is that of everybody who finds that.
    pub(super) fn save_at_once(&mut self, shown: Shown, store: &dyn AtOnce, context: &Context) -> Step {
        let Shown { key, loaded, content, data } = shown;
        let now = context.now();
        let accessed_at = loaded.accessed_at.max(now);
        let record = content.record_of(data, accessed_at, &context.config);
        let expect = Expect::Revision(loaded.revision);
        let call = Call::begin(Verb::Save);
        let saved = catch_unwind(AssertUnwindSafe(|| store.save_at_once(&key, &record, expect, now)))
            .unwrap_or_else(|_| Err(broken_by_panic()));
        let answer = saved.map(|revision| {
            let view = View::new(content.values.clone());
            self.stand_on(Loaded { content: Arc::new(content), accessed_at, revision });
            *self.edit() = view;
        });
        let given_up = match &answer {
            Ok(()) => self.give_up_changes(),
            // What may have been kept is not tried again.
            Err(error) if error.is_unknown() => self.discard(),
            Err(_) => {
                self.in_step = false;
                GivenUp::default()
            }
        };
        Step::Saved(key, call, answer, given_up)
    }

    /// Takes in what was saved on top of what the handle stood on.
    fn stand_on(&mut self, kept: Loaded) {
        if let Place::Stored(hold) = &mut self.place {
            hold.read = kept.content.clone();
            hold.loaded = kept;
        }
    }
}
