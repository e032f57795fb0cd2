//! Renewing a ticket that has become old.

use super::{Place, state::State};
use crate::{commit::Standing, context::Context};

impl State {
    /// Returns whether the ticket is older than `rotation_interval` allows, and the browser that showed it can be given
    /// another one: a late one has been replaced already.
    pub(super) fn has_old_ticket(&self, context: &Context) -> bool {
        let Some(interval) = context.config.rotation_interval else { return false };
        let (Place::Stored(hold), false) = (&self.place, self.killing) else { return false };
        let since = hold.loaded.content.facts.secret_since();
        hold.standing == Standing::Live && context.now().since(since) >= interval
    }
}
