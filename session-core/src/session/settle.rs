//! What a verdict changes in a handle.

use std::sync::Arc;

use super::state::{Cookie, Hold, Place, Ride, State};
use crate::{
    Config, Error, Result,
    commit::{Entry, Kept, Verdict},
    ticket::Proofs,
};

impl State {
    /// Takes in what became of the list on its way, and returns what a commit that waited for it answers.
    ///
    /// Several commits may bring the same verdict: the first one counts.
    pub(super) fn settle(&mut self, ride: &Ride, verdict: Verdict, config: &Config) -> Result<()> {
        let entry = &ride.entry;
        let answer = match &verdict {
            Verdict::Failed(error) => Err(error.clone()),
            Verdict::Gone { .. } if !entry.list.changes.is_empty() => Err(Error::Gone),
            Verdict::Gone { .. } | Verdict::Kept(_) | Verdict::Detached { .. } => Ok(()),
        };
        let first = self.ride.as_ref().is_some_and(|riding| Arc::ptr_eq(&riding.entry, entry));
        if first {
            self.ride = None;
            match verdict {
                Verdict::Kept(kept) => self.keep(*kept, config),
                Verdict::Gone { standing } => self.lose(standing.is_some()),
                Verdict::Detached { standing } => {
                    self.lose(standing.is_some());
                    self.take_back(entry);
                }
                Verdict::Failed(error) if error.is_unknown() => {}
                Verdict::Failed(_) => self.take_back(entry),
            }
        }
        answer
    }

    fn keep(&mut self, kept: Kept, config: &Config) {
        let Kept { key, loaded, read, standing, ticket } = kept;
        let proofs = match (&ticket, &self.place) {
            (Some(ticket), _) => Proofs::new(ticket.secret(), &config.secret_keys),
            (None, Place::Stored(hold)) => hold.proofs.clone(),
            (None, Place::New { .. } | Place::Shut { .. } | Place::Gone) => Proofs::none(),
        };
        let hold = Hold { key, loaded, read, proofs, standing, first_sight: false };
        self.place = Place::Stored(Box::new(hold));
        if let Some(ticket) = ticket {
            self.cookie = Cookie::Set(ticket);
        }
    }

    /// The session has ended, or is shut to this handle, which was valid when it was opened and may still kill it.
    fn lose(&mut self, shut: bool) {
        self.cookie = Cookie::Keep;
        self.place = match std::mem::replace(&mut self.place, Place::Gone) {
            Place::Stored(hold) if shut => {
                Place::Shut { key: Some(hold.key), read: Some(Arc::unwrap_or_clone(hold.read)) }
            }
            _ => Place::Gone,
        };
    }

    /// Makes the changes of `entry` wait for the next commit again, before those that were made meanwhile.
    fn take_back(&mut self, entry: &Entry) {
        self.changes.splice(0..0, entry.list.changes.iter().cloned());
    }
}
