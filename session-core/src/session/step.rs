//! What a commit does next.

use std::sync::Arc;

use bytes::Bytes;

use super::{
    Place,
    state::{GivenUp, State},
};
use crate::{
    Error, Key, Result, SessionId,
    commit::{Change, Entry, List, Lone, Standing, login_of, refuse_growth},
    context::Context,
    event::Call,
    frame::{self, Content, Loaded, Values},
    ticket::Proofs,
};

/// What a commit does next.
#[derive(Debug)]
pub(super) enum Step {
    Done(GivenUp),
    Delete(Key),
    /// Waits for the verdict on a list.
    Join(Arc<Entry>),
    /// Saves a list that nobody else's can be combined with.
    Save(Lone),
    /// The store was asked for the save of such a list, and has answered.
    Saved(Key, Call, Result<()>, GivenUp),
    StartAnew,
    /// The session has ended, and nothing that was changed is kept.
    Refuse(GivenUp),
}

/// What the changes of a handle have made of its session.
pub(super) struct Shown {
    pub(super) key: Key,
    pub(super) loaded: Loaded,
    pub(super) content: Content,
    /// The content as it is to be stored.
    pub(super) data: Bytes,
}

impl State {
    /// Decides what a commit does next.
    pub(super) fn step(&mut self, context: &Context) -> Result<Step> {
        if let Some(ride) = &self.ride {
            return Ok(Step::Join(ride.clone()));
        }
        if self.killing {
            if let Some(key) = self.place.stored_key() {
                return Ok(Step::Delete(key));
            }
            // The first save that the kill waited for failed, so nothing is there to delete.
            self.end();
        }
        if matches!(self.place, Place::Shut { .. } | Place::Gone) {
            return Ok(self.refuse());
        }
        if !self.has_work(context) {
            return Ok(Step::Done(self.give_up_changes()));
        }
        match (self.shown(context), context.store.at_once()) {
            (Some(shown), Some(store)) => Ok(self.save_at_once(shown, store, context)),
            (Some(shown), None) => Ok(self.depart_alone(shown)),
            (None, _) => self.depart(),
        }
    }

    /// Decides what a handle without a session gets: nothing it wants is kept, but for a login.
    fn refuse(&mut self) -> Step {
        if self.changes.is_empty() {
            return Step::Done(GivenUp::default());
        }
        if self.had_owner || login_of(&self.changes).is_none() {
            return Step::Refuse(self.discard());
        }
        Step::StartAnew
    }

    /// Lets the changes go into a new session, which starts from what the handle had read, or else from `initial`.
    pub(super) fn start_anew(&mut self, initial: Values) {
        self.place = match &self.place {
            Place::Shut { read: Some(read), .. } => Place::carrying(read, self.address),
            Place::Shut { read: None, .. } | Place::Gone => Place::fresh(initial, self.address),
            // Another commit of this handle was faster.
            Place::New { .. } | Place::Stored(_) => return,
        };
    }

    pub(super) fn has_work(&self, context: &Context) -> bool {
        match &self.place {
            Place::New { start } => {
                self.changes.iter().any(Change::is_about_the_session) || self.view.encode() != start.values
            }
            Place::Stored(hold) => {
                !self.changes.is_empty()
                    || hold.first_sight
                    || self.renewing
                    || hold.loaded.wants_touch(context.now(), &context.config)
            }
            Place::Shut { .. } | Place::Gone => false,
        }
    }

    /// Sends the changes off as one list.
    fn depart(&mut self) -> Result<Step> {
        let renews = std::mem::take(&mut self.renewing) || self.changes.iter().any(Change::renews_the_ticket);
        let entry = match &self.place {
            Place::Stored(hold) => {
                let (key, loaded, first_sight) = (hold.key, hold.loaded.clone(), hold.first_sight);
                let (ticket, proofs) =
                    (renews.then(|| SessionId::renew(key)).transpose()?, hold.proofs.clone());
                Entry::stored(List { ticket, first_sight, ..self.list(proofs) }, key, loaded)
            }
            // A new session gets its first ticket when it is created.
            Place::New { start } => {
                let start = start.clone();
                Entry::created(self.list(Proofs::none()), start)
            }
            Place::Shut { .. } | Place::Gone => return Err(Error::Gone),
        };
        self.ride = Some(entry.clone());
        Ok(Step::Join(entry))
    }

    /// Sends the changes off as one list, with what they have made of the session.
    fn depart_alone(&mut self, Shown { key, loaded, content, data }: Shown) -> Step {
        let proofs = self.place.proofs();
        let entry = Entry::alone(self.list(proofs), key, loaded.clone());
        self.ride = Some(entry.clone());
        Step::Save(Lone { entry, loaded, content: Arc::new(content), data })
    }

    /// Takes all changes as a list.
    fn list(&mut self, proofs: Proofs) -> List {
        let logins = self.content().map_or(0, |content| content.facts.logins);
        let changes = std::mem::take(&mut self.changes);
        // From here on the view holds the changes on their way as well.
        self.outdate();
        List { changes, ticket: None, proofs, logins, address: self.address, first_sight: false }
    }

    /// Returns what the changes have made of the session, where that is known without running them again, and where
    /// nobody else in this process is known to change it: a list that goes with others must be replayed.
    fn shown(&self, context: &Context) -> Option<Shown> {
        let Place::Stored(hold) = &self.place else { return None };
        let loaded = &hold.loaded;
        let is_newest = Arc::ptr_eq(&hold.read, &loaded.content) && self.view.is_of(&loaded.content.values);
        let is_plain = hold.standing == Standing::Live && !hold.first_sight && !self.renewing;
        let is_of_values = !self.changes.is_empty() && self.changes.iter().all(Change::is_of_a_value);
        if !self.in_step || !is_newest || !is_plain || !is_of_values || context.lines.is_busy(&hold.key) {
            return None;
        }
        let (facts, owner) = (loaded.content.facts.clone(), loaded.content.owner.clone());
        let (data, values) = frame::encode_view(&hold.key, &facts, &self.view);
        let content = Content { facts, owner, values };
        // What changes nothing is compared with the present state first, and what is too large gets its error.
        let changes = content.values != loaded.content.values;
        let fits = changes && refuse_growth(&loaded.content, &content, &context.config).is_ok();
        fits.then(|| Shown { key: hold.key, loaded: loaded.clone(), content, data })
    }
}
