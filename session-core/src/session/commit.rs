//! Making changes last.

use std::sync::Arc;

use super::{Session, settle::Settled, step::Step};
use crate::{
    CookieChange, Error, Result,
    commit::{Entry, Join, Verdict, replay},
    event::Event,
};

impl Session {
    /// Saves the changes now rather than at the end of the request; what is read afterwards was kept.
    ///
    /// Without changes nothing is written, but that the session was used, once every `touch_interval`. Where that
    /// fails, nothing of the application's is lost: it is a warning in the log, no error, and tried again next time.
    ///
    /// A dropped commit has kept all changes or none. A later commit finds out: it goes on where that one stopped,
    /// saves them if nothing was sent, and answers an error whose outcome is `Unknown` where nobody can tell.
    ///
    /// # Errors
    ///
    /// [`Error::Gone`] when the session has ended for this handle: nothing is written.
    /// [`Error::TooLarge`], [`Error::Type`], [`Error::Panicked`] and [`Error::Nested`] when one of the changes cannot be kept, and then
    /// none is; [`Error::Conflict`] when other processes were faster a thousand times over; errors of the store as
    /// [`Store::save`](crate::Store::save) lists them. But for `Gone` and an unknown outcome, the changes go on
    /// waiting for another commit or a [`discard`](Session::discard).
    pub async fn commit(&self) -> Result<()> {
        loop {
            let context = self.context();
            let step = self.state().step(context)?;
            match step {
                Step::Done(given_up) => {
                    drop(given_up);
                    return Ok(());
                }
                Step::Refuse(given_up) => {
                    drop(given_up);
                    return Err(Error::Gone);
                }
                Step::Saved(key, call, answer, given_up) => {
                    call.end(Some(&key), &answer);
                    drop(given_up);
                    match answer {
                        Ok(()) => {
                            Event::Kept { key: &key, replays: 0 }.say();
                            return Ok(());
                        }
                        // The session is another one by now, and the next step goes by what it finds.
                        Err(Error::Conflict | Error::Missing) => {}
                        Err(error) => return Err(error),
                    }
                }
                Step::Delete(key) => {
                    context.delete(&key).await?;
                    let first = self.state().deleted(key);
                    if first {
                        Event::Killed { key: &key }.say();
                    }
                }
                Step::StartAnew => {
                    let initial = context.initializer.values()?;
                    self.state().start_anew(initial);
                    self.refresh();
                }
                Step::Join(entry) => {
                    let verdict = Join::new(context.clone(), entry.clone()).await;
                    if self.settle(&entry, verdict)? {
                        return Ok(());
                    }
                }
                Step::Save(lone) => {
                    let entry = lone.entry.clone();
                    let verdict = lone.run(context).await;
                    if self.settle(&entry, verdict)? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Takes in the verdict on a list, and returns whether nothing else waits to be kept.
    fn settle(&self, entry: &Arc<Entry>, verdict: Verdict) -> Result<bool> {
        let settled = self.state().settle(entry, verdict, &self.context().config);
        self.refresh();
        let settled = settled?;
        if self.has_changes() {
            return Ok(false);
        }
        if let Settled::Unnoted(error) = settled {
            Event::Unnoted { key: self.key().as_ref(), error: &error }.say();
        }
        Ok(true)
    }

    /// Returns whether [`finish`](Session::finish) has anything to do: changes, a [`kill`](Session::kill), a ticket to be
    /// renewed, or to note that the session was used.
    ///
    /// Whoever serves requests need not wait for one that has not.
    #[must_use]
    pub fn wants_commit(&self) -> bool {
        let state = self.state();
        let context = self.context();
        state.ride.is_some()
            || state.has_changes()
            || state.has_work(context)
            || state.has_old_ticket(context)
    }

    /// Commits at the end of a request, and returns what the response must do to the browser's cookie.
    ///
    /// That the session ended meanwhile is no error here, unless a login was lost. A ticket that is older than
    /// [`rotation_interval`](crate::Config::rotation_interval) is renewed; where that fails, it is tried again with the
    /// next request.
    ///
    /// # Errors
    ///
    /// As [`commit`](Session::commit), and [`Error::Gone`] for a lost login alone.
    pub async fn finish(&self) -> Result<CookieChange> {
        let login = self.begin_to_finish();
        let committed = match self.commit().await {
            // What ended was lost before the login, which goes into a session of its own.
            Err(Error::Gone) if self.state().wants_login() => self.commit().await,
            Err(Error::Gone) if !login => Ok(()),
            committed => committed,
        };
        // A commit after the response has no browser to give a ticket to.
        self.state().renewing = false;
        committed?;
        Ok(self.cookie())
    }

    /// Lets the commit renew an old ticket, and returns whether a login waits to be kept.
    fn begin_to_finish(&self) -> bool {
        let mut state = self.state();
        state.renewing = state.has_old_ticket(self.context());
        state.wants_login()
    }

    /// Lets the handle read what it stands on now, with the changes that are not kept yet.
    ///
    /// Closures run outside the lock; if another change came in meanwhile, they run again.
    fn refresh(&self) {
        loop {
            let (edition, view, changes) = {
                let mut state = self.state();
                let (view, changes) = (state.unchanged(), state.pending());
                if changes.is_empty() {
                    state.show(view);
                    return;
                }
                (state.edition, view, changes)
            };
            // A change that fails now fails at the next commit, which says so.
            let Ok(view) = replay(view, &changes) else { return };
            let mut state = self.state();
            if state.edition == edition {
                state.show(view);
                return;
            }
        }
    }
}
