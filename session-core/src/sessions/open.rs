//! Finding the session of a request.

use std::net::IpAddr;

use super::Sessions;
use crate::{
    Error, Found, Result, Session, SessionId, Shut,
    commit::{Asker, Standing, standing},
    context::Context,
    cookie,
    frame::Loaded,
    session::{Hold, Place, State},
    ticket::Proofs,
};

/// How many tickets of one request are looked up; more would let one request cost many look-ups.
const TICKETS_MAX: usize = 4;

impl Sessions {
    /// Opens the session of a request with these `Cookie` headers, from this client address.
    ///
    /// A visitor without a session gets a new one, which is stored when something is kept in it. What is no ticket is
    /// ignored, and a ticket that is not known is never adopted. Of several cookies of our name, the live one counts;
    /// two different live ones shut the request out, because one of them may have been planted.
    ///
    /// # Errors
    ///
    /// [`Error::Backend`] when the store failed: that is never "no session".
    /// [`Error::Invalid`] without an address when `ignore_change_ip` is off.
    pub async fn open<C: AsRef<[u8]> + Sync>(
        &self,
        cookies: &[C],
        address: Option<IpAddr>,
    ) -> Result<Session> {
        let context = &self.context;
        if address.is_none() && !context.config.ignore_change_ip {
            let why = "`ignore_change_ip = false` needs one: tell the server where it comes from";
            return Err(Error::Invalid { what: "client address", why });
        }
        let (tickets, malformed) = tickets(&context.config.cookie_name, cookies);
        let mut arrivals = Vec::with_capacity(tickets.len());
        for ticket in &tickets {
            arrivals.push(arrive(context, ticket, address).await?);
        }
        let found = if malformed { Found::Malformed } else { Found::New };
        let state = match choose(arrivals) {
            Some(Arrival::Opened(found, hold)) => State::new(found, Place::Stored(hold), address),
            Some(Arrival::Shut(shut, key)) => {
                State::new(Found::Shut(shut), Place::Shut { key, read: None }, address)
            }
            Some(Arrival::Nothing(found)) => self.fresh(found, address)?,
            None => self.fresh(found, address)?,
        };
        Ok(Session::new(context.clone(), state))
    }

    fn fresh(&self, found: Found, address: Option<IpAddr>) -> Result<State> {
        let initial = self.context.initializer.values()?;
        Ok(State::new(found, Place::fresh(initial, address), address))
    }
}

/// What one ticket opens.
enum Arrival {
    Opened(Found, Box<Hold>),
    /// The key is that of a session which the visitor may kill.
    Shut(Shut, Option<crate::Key>),
    Nothing(Found),
}

/// Returns the different tickets among the cookies, and whether anything malformed is among them.
fn tickets<C: AsRef<[u8]>>(name: &str, cookies: &[C]) -> (Vec<SessionId>, bool) {
    let (mut tickets, mut malformed) = (Vec::<SessionId>::new(), false);
    for value in cookie::values(name, cookies.iter().map(AsRef::as_ref)) {
        match value.parse::<SessionId>() {
            Err(_) => malformed = true,
            Ok(ticket) if tickets.iter().any(|known| known.same(&ticket)) => {}
            Ok(ticket) if tickets.len() < TICKETS_MAX => tickets.push(ticket),
            Ok(_) => break,
        }
    }
    (tickets, malformed)
}

async fn arrive(context: &Context, ticket: &SessionId, address: Option<IpAddr>) -> Result<Arrival> {
    let key = ticket.key();
    let loaded = match context.load(&key).await {
        Ok(Some(loaded)) => loaded,
        Ok(None) => return Ok(Arrival::Nothing(Found::Gone)),
        Err(Error::Corrupt(why)) => {
            tracing::error!(%key, why, "a session's record is damaged; the visitor starts a new one");
            return Ok(Arrival::Nothing(Found::Corrupt));
        }
        Err(error) => return Err(error),
    };
    let (config, now) = (&context.config, context.now());
    let proofs = Proofs::new(ticket.secret(), &config.secret_keys);
    let facts = &loaded.content.facts;
    let previous = facts.is_previous(&proofs);
    let may_kill = previous || facts.is_current(&proofs);
    let standing = standing(facts, &proofs, Asker::Arrival { address }, now, config);
    match standing {
        Standing::Late => tracing::debug!(%key, "a ticket is in use that was rotated away"),
        _ if previous => tracing::warn!(%key, "a ticket is in use that was replaced; it may be stolen"),
        _ => {}
    }
    Ok(match standing {
        Standing::Live => Arrival::opened(Found::Live, ticket, loaded, proofs, standing),
        Standing::Late => Arrival::opened(Found::Late, ticket, loaded, proofs, standing),
        Standing::Shut(shut) => Arrival::Shut(shut, may_kill.then_some(key)),
        Standing::Stranger => Arrival::Nothing(Found::New),
    })
}

impl Arrival {
    fn opened(found: Found, ticket: &SessionId, loaded: Loaded, proofs: Proofs, standing: Standing) -> Self {
        let first_sight = standing == Standing::Live && loaded.content.facts.awaits_first_sight();
        let read = loaded.content.clone();
        let hold = Hold { key: ticket.key(), loaded, read, proofs, standing, first_sight };
        Self::Opened(found, Box::new(hold))
    }

    /// Returns how much it weighs against what other tickets of the request open.
    fn rank(&self) -> u8 {
        match self {
            Self::Opened(Found::Live, _) => 3,
            Self::Opened(..) => 2,
            Self::Shut(..) => 1,
            Self::Nothing(_) => 0,
        }
    }
}

/// Chooses what counts among what the tickets of one request open.
fn choose(mut arrivals: Vec<Arrival>) -> Option<Arrival> {
    let best = arrivals.iter().map(Arrival::rank).max()?;
    arrivals.retain(|arrival| arrival.rank() == best);
    let several = arrivals.len() > 1;
    let chosen = arrivals.into_iter().next()?;
    match chosen {
        Arrival::Opened(..) if several => {
            tracing::warn!("a request carries two different live tickets; one of them may be planted");
            Some(Arrival::Shut(Shut::Ambiguous, None))
        }
        chosen => Some(chosen),
    }
}
