//! Finding the session of a request.

use std::{cmp::Ordering, net::IpAddr};

use super::{Sessions, Suspicion};
use crate::{
    Error, Found, Key, Result, Session, SessionId, Shut,
    commit::{Asker, Standing, standing},
    context::Context,
    cookie,
    event::Event,
    frame::Loaded,
    session::{Hold, Place, State},
    store::at_once,
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
    /// [`Error::Invalid`] without an address when `ignore_change_ip` is off; whatever the
    /// [`initializer`](Sessions::initializer) answers.
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
        if malformed {
            Event::Malformed.say();
        }
        let mut choice = Choice::default();
        for ticket in tickets.iter().flatten() {
            choice.weigh(arrive(context, ticket, address).await?);
        }
        let found = if malformed { Found::Malformed } else { Found::New };
        let state = match choice.made(context) {
            Some(Arrival::Opened(found, hold)) => State::new(found, Place::Stored(hold), address),
            Some(Arrival::Shut(shut, key)) => {
                State::new(Found::Shut(shut), Place::Shut { key, read: None }, address)
            }
            Some(Arrival::Nothing(found)) => self.fresh(found, address)?,
            None => self.fresh(found, address)?,
        };
        Ok(Session::new(context.clone(), state))
    }

    /// Does what [`open`](Sessions::open) does, if the store [answers at once](crate::Store::at_once), and returns `None`
    /// otherwise.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn open_at_once<C: AsRef<[u8]> + Sync>(
        &self,
        cookies: &[C],
        address: Option<IpAddr>,
    ) -> Option<Result<Session>> {
        self.context.store.at_once()?;
        at_once(self.open(cookies, address))
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
    Shut(Shut, Option<Key>),
    Nothing(Found),
}

/// Returns the different tickets among the cookies, and whether anything malformed is among them.
fn tickets<C: AsRef<[u8]>>(name: &str, cookies: &[C]) -> ([Option<SessionId>; TICKETS_MAX], bool) {
    let (mut tickets, mut malformed) = ([const { None::<SessionId> }; TICKETS_MAX], false);
    for value in cookie::values(name, cookies.iter().map(AsRef::as_ref)) {
        match value.parse::<SessionId>() {
            Err(_) => malformed = true,
            Ok(ticket) if tickets.iter().flatten().any(|known| known.same(&ticket)) => {}
            Ok(ticket) => match tickets.iter_mut().find(|place| place.is_none()) {
                Some(place) => *place = Some(ticket),
                None => break,
            },
        }
    }
    (tickets, malformed)
}

async fn arrive(context: &Context, ticket: &SessionId, address: Option<IpAddr>) -> Result<Arrival> {
    let (key, now) = (ticket.key(), context.now());
    let loaded = match context.load_at(&key, now).await {
        Ok(Some(loaded)) => loaded,
        Ok(None) => {
            Event::Gone { key: &key }.say();
            return Ok(Arrival::Nothing(Found::Gone));
        }
        Err(Error::Corrupt(why)) => {
            Event::Corrupt { key: &key, why }.say();
            return Ok(Arrival::Nothing(Found::Corrupt));
        }
        Err(error) => return Err(error),
    };
    let config = &context.config;
    let proofs = Proofs::new(ticket, &config.secret_keys);
    let facts = &loaded.content.facts;
    let previous = facts.is_previous(&proofs);
    let may_kill = previous || facts.is_current(&proofs);
    let standing = standing(facts, &proofs, Asker::Arrival { address }, now, config);
    match standing {
        Standing::Live => Event::Live.say(),
        Standing::Late => Event::Late { key: &key }.say(),
        Standing::Shut(Shut::Address) => {
            Event::AddressMismatch { key: &key, news: context.is_news(Suspicion::Address, &key) }.say();
        }
        _ if previous => {
            Event::Replaced { key: &key, news: context.is_news(Suspicion::Replaced, &key) }.say();
        }
        _ => Event::WrongSecret { key: &key }.say(),
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

    /// Returns the key of the session that it opens.
    fn key(&self) -> Option<Key> {
        match self {
            Self::Opened(_, hold) => Some(hold.key),
            Self::Shut(..) | Self::Nothing(_) => None,
        }
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

/// What counts among what the tickets of one request open.
#[derive(Default)]
struct Choice {
    best: Option<Arrival>,
    /// The session of another one that weighs as much as the best.
    rival: Option<Key>,
}

impl Choice {
    fn weigh(&mut self, arrival: Arrival) {
        let best = self.best.as_ref().map(Arrival::rank);
        match Some(arrival.rank()).cmp(&best) {
            Ordering::Less => {}
            Ordering::Equal => self.rival = arrival.key(),
            Ordering::Greater => *self = Self { best: Some(arrival), rival: None },
        }
    }

    fn made(self, context: &Context) -> Option<Arrival> {
        match (self.best?, self.rival) {
            (Arrival::Opened(_, hold), Some(other)) => {
                let (key, news) = (&hold.key, context.is_news(Suspicion::Ambiguous, &hold.key));
                Event::Ambiguous { key, other: &other, news }.say();
                Some(Arrival::Shut(Shut::Ambiguous, None))
            }
            (best, _) => Some(best),
        }
    }
}
