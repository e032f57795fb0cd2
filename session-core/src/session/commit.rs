//! Making changes last.

use super::{Session, state::Step};
use crate::{
    CookieChange, Error, Result,
    commit::{Join, replay},
};

impl Session {
    /// Saves the changes now rather than at the end of the request; what is read afterwards was kept.
    ///
    /// Without changes nothing is written, but that the session was used, once every `touch_interval`.
    ///
    /// A dropped commit has kept all changes or none. A later commit finds out: it goes on where that one stopped,
    /// saves them if nothing was sent, and answers an error whose outcome is `Unknown` where nobody can tell.
    ///
    /// # Errors
    ///
    /// [`Error::Gone`] when the session has ended for this handle: nothing is written.
    /// [`Error::TooLarge`], [`Error::Type`] and [`Error::Panicked`] when one of the changes cannot be kept, and then
    /// none is; [`Error::Conflict`] when other processes were faster a thousand times over; errors of the store as
    /// [`Store::save`](crate::Store::save) lists them. But for `Gone` and an unknown outcome, the changes go on
    /// waiting for another commit or a [`discard`](Session::discard).
    pub async fn commit(&self) -> Result<()> {
        loop {
            let context = self.context();
            let step = self.state().step(context.now(), &context.config, &context.lines)?;
            match step {
                Step::Done => return Ok(()),
                Step::Delete(key) => {
                    context.store.delete(&key).await?;
                    self.state().deleted(key);
                }
                Step::StartAnew => {
                    let initial = context.initializer.values()?;
                    self.state().start_anew(initial);
                    self.refresh();
                }
                Step::Join(ride) => {
                    let verdict = Join::new(context.clone(), ride.line.clone(), ride.entry.clone()).await;
                    let settled = self.state().settle(&ride, verdict, &context.config);
                    self.refresh();
                    settled?;
                }
            }
        }
    }

    /// Commits at the end of a request, and returns what the response must do to the browser's cookie.
    ///
    /// That the session ended meanwhile is no error here, unless a login was lost.
    ///
    /// # Errors
    ///
    /// As [`commit`](Session::commit), and [`Error::Gone`] for a lost login alone.
    pub async fn finish(&self) -> Result<CookieChange> {
        let login = self.state().wants_login();
        match self.commit().await {
            // What ended was lost before the login, which goes into a session of its own.
            Err(Error::Gone) if self.state().wants_login() => self.commit().await?,
            Err(Error::Gone) if !login => {}
            committed => committed?,
        }
        Ok(self.cookie())
    }

    /// Lets the handle read what it stands on now, with the changes that are not kept yet.
    ///
    /// Closures run outside the lock; if another change came in meanwhile, they run again.
    fn refresh(&self) {
        loop {
            let (edition, view, changes) = {
                let state = self.state();
                (state.edition, state.unchanged(), state.pending())
            };
            // A change that fails now fails at the next commit, which says so.
            let Ok(view) = replay(view, &changes) else { return };
            let mut state = self.state();
            if state.edition == edition {
                *state.edit() = view;
                return;
            }
        }
    }
}
