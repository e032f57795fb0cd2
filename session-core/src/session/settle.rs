//! What a verdict changes in a handle.

use std::sync::Arc;

use super::{Hold, Place, state::State};
use crate::{
    Config, Error, Result,
    commit::{Entry, Kept, Verdict},
    ticket::Proofs,
};

/// What a commit is told of its list, if that is no error.
#[derive(Debug)]
pub(super) enum Settled {
    /// Nothing of it is left.
    Done,
    /// There was nothing to keep in it; only that the session was used could not be noted.
    Unnoted(Error),
}

impl State {
    /// Takes in what became of the list on its way, and returns what a commit that waited for it answers.
    ///
    /// Several commits may bring the same verdict: the first one counts.
    pub(super) fn settle(
        &mut self,
        entry: &Arc<Entry>,
        verdict: Verdict,
        config: &Config,
    ) -> Result<Settled> {
        let answer = match &verdict {
            Verdict::Failed(error) if entry.list.changes.is_empty() => Ok(Settled::Unnoted(error.clone())),
            Verdict::Failed(error) => Err(error.clone()),
            Verdict::Gone { .. } if !entry.list.changes.is_empty() => Err(Error::Gone),
            Verdict::Gone { .. } | Verdict::Kept(_) | Verdict::Detached { .. } => Ok(Settled::Done),
        };
        let first = self.ride.as_ref().is_some_and(|riding| Arc::ptr_eq(riding, entry));
        if first {
            self.ride = None;
            self.outdate();
            match verdict {
                Verdict::Kept(kept) => self.keep(&kept, config),
                Verdict::Gone { standing } => self.lose(standing.is_some()),
                Verdict::Detached { standing } => {
                    self.lose(standing.is_some());
                    self.take_back(&entry.list);
                }
                // What may have been kept is not tried again, nor what was killed meanwhile.
                Verdict::Failed(error) if error.is_unknown() || self.killing => {}
                Verdict::Failed(_) => self.take_back(&entry.list),
            }
        }
        answer
    }

    fn keep(&mut self, kept: &Kept, config: &Config) {
        let Kept { key, ref loaded, ref read, standing, ref ticket } = *kept;
        let (loaded, read) = (loaded.clone(), read.clone());
        let proofs = ticket.as_ref().map(|ticket| Proofs::new(ticket, &config.secret_keys));
        if let Place::Stored(hold) = &mut self.place {
            let proofs = proofs.unwrap_or_else(|| std::mem::replace(&mut hold.proofs, Proofs::none()));
            **hold = Hold { key, loaded, read, proofs, standing, first_sight: false };
        } else {
            let proofs = proofs.unwrap_or(Proofs::none());
            let hold = Hold { key, loaded, read, proofs, standing, first_sight: false };
            self.place = Place::Stored(Box::new(hold));
        }
        if ticket.is_some() {
            self.ticket.clone_from(ticket);
        }
    }

    /// The session has ended, or is shut to this handle, which was valid when it was opened and may still kill it.
    fn lose(&mut self, shut: bool) {
        self.ticket = None;
        self.place = match std::mem::replace(&mut self.place, Place::Gone) {
            Place::Stored(hold) if shut => {
                // What belongs to an owner is not carried into another session.
                let Hold { key, read, .. } = *hold;
                let read = read.owner.is_none().then_some(read);
                Place::Shut { key: Some(key), read }
            }
            _ => Place::Gone,
        };
    }
}
