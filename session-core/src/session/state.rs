//! Where a handle stands between its commits.

use std::{net::IpAddr, sync::Arc};

use crate::{
    Config, Error, Key, Owner, Result, SessionId, Timestamp,
    commit::{Change, Entry, Line, Lines, List, Standing, Start, login_of},
    frame::{Content, Facts, Loaded, Values, View},
    session::Found,
    ticket::{Digest, Proofs, Secret},
};

/// What a handle knows and wants.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) found: Found,
    pub(crate) address: Option<IpAddr>,
    /// Whether the session had an owner when the handle was opened.
    pub(super) had_owner: bool,
    pub(crate) place: Place,
    /// What is read: the session as it was last loaded, with the changes since.
    pub(crate) view: View,
    pub(crate) changes: Vec<Change>,
    /// The list that is being saved.
    pub(super) ride: Option<Ride>,
    /// Whether the session is to be deleted before anything else.
    pub(super) killing: bool,
    /// What a new session starts from that follows a killed one.
    initial: Values,
    pub(crate) cookie: Cookie,
}

/// What the handle stands on.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// A session that is not stored.
    New { start: Content },
    /// A stored session that the handle may change.
    Stored(Box<Hold>),
    /// A session that the handle may at most kill.
    Shut { key: Option<Key>, read: Option<Content> },
    /// A session that has ended.
    Gone,
}

/// A hold on a stored session.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    pub(crate) key: Key,
    /// What the next save is based on.
    pub(crate) loaded: Loaded,
    /// What the handle reads, which is older where other handles' changes were saved together with its own.
    pub(crate) read: Arc<Content>,
    pub(crate) proofs: Proofs,
    pub(crate) standing: Standing,
    /// Whether the request was the first to show the session's secret.
    pub(crate) first_sight: bool,
}

/// A list on its way, and the line it is in.
#[derive(Clone, Debug)]
pub(crate) struct Ride {
    pub(crate) line: Arc<Line>,
    pub(crate) entry: Arc<Entry>,
}

/// What the browser's cookie needs.
#[derive(Clone, Debug)]
pub(crate) enum Cookie {
    Keep,
    Set(SessionId),
    Remove,
}

/// What a commit does next.
#[derive(Debug)]
pub(crate) enum Step {
    Done,
    Delete(Key),
    Join(Ride),
    StartAnew,
}

impl Place {
    /// Returns a new session that starts from `values`; what its secret is, its first save decides.
    pub(crate) fn fresh(values: Values, address: Option<IpAddr>) -> Self {
        let facts = Facts::new(Digest::none(), address, Timestamp::EPOCH);
        Self::New { start: Content { facts, owner: None, values } }
    }

    /// Returns a new session that starts from what was read of another one; whose that was is not carried over.
    fn carrying(read: Content, address: Option<IpAddr>) -> Self {
        let facts = Facts::new(Digest::none(), address, Timestamp::EPOCH);
        let facts = Facts { label: read.facts.label, timeout: read.facts.timeout, ..facts };
        Self::New { start: Content { facts, owner: None, values: read.values } }
    }

    fn read(&self) -> Option<&Content> {
        match self {
            Self::New { start } => Some(start),
            Self::Stored(hold) => Some(&hold.read),
            Self::Shut { .. } | Self::Gone => None,
        }
    }
}

impl State {
    pub(crate) fn new(found: Found, place: Place, address: Option<IpAddr>) -> Self {
        let mut state = Self {
            found,
            address,
            had_owner: false,
            place,
            view: View::default(),
            changes: Vec::new(),
            ride: None,
            killing: false,
            initial: Values::default(),
            cookie: Cookie::Keep,
        };
        state.had_owner = state.content().is_some_and(|content| content.owner.is_some());
        state.view = state.unchanged();
        state
    }

    /// Returns the key of the stored session.
    pub(crate) fn key(&self) -> Option<Key> {
        match &self.place {
            Place::Stored(hold) => Some(hold.key),
            Place::New { .. } | Place::Shut { .. } | Place::Gone => None,
        }
    }

    /// Returns the session as the handle last saw it, without the changes since.
    pub(crate) fn content(&self) -> Option<&Content> {
        if self.killing { None } else { self.place.read() }
    }

    /// Returns the owner, with the changes since.
    pub(crate) fn owner(&self) -> Option<&Owner> {
        login_of(&self.changes).or_else(|| self.content()?.owner.as_ref())
    }

    /// Returns the stored values without the changes since.
    pub(crate) fn unchanged(&self) -> View {
        match self.content() {
            Some(content) => View::new(content.values.clone()),
            None if self.killing => View::new(self.initial.clone()),
            None => View::default(),
        }
    }

    /// Returns whether a login waits to be kept.
    pub(crate) fn wants_login(&self) -> bool {
        let riding = self.ride.as_ref().and_then(|ride| ride.entry.list.login());
        login_of(&self.changes).or(riding).is_some()
    }

    /// Ends the session; what is changed afterwards goes into a new one that starts from `initial`.
    pub(crate) fn kill(&mut self, initial: Values) {
        match &self.place {
            Place::Shut { key: None, .. } => return,
            Place::Shut { key: Some(_), .. } | Place::Stored(_) => {
                self.killing = true;
                self.ride = None;
            }
            // A first save under way is waited for, and what it stored is deleted.
            Place::New { .. } if self.ride.is_some() => self.killing = true,
            Place::New { .. } | Place::Gone => self.place = Place::fresh(initial.clone(), self.address),
        }
        self.changes.clear();
        self.view = View::new(initial.clone());
        self.initial = initial;
    }

    /// Notes that the session called `key` is deleted.
    pub(crate) fn deleted(&mut self, key: Key) {
        let removes = match &self.place {
            Place::Stored(hold) if hold.key == key => Some(hold.standing == Standing::Live),
            Place::Shut { key: Some(shut), .. } if *shut == key => Some(false),
            _ => None,
        };
        let Some(removes) = removes.filter(|_| self.killing) else { return };
        let came_with_it = self.found == Found::Live;
        self.cookie = if removes && came_with_it { Cookie::Remove } else { Cookie::Keep };
        self.killing = false;
        self.place = Place::fresh(self.initial.clone(), self.address);
    }

    /// Forgets the changes that are not kept yet, but no kill.
    pub(crate) fn discard(&mut self) {
        self.ride = None;
        self.changes.clear();
        self.view = self.unchanged();
    }

    /// Decides what a commit does next.
    pub(crate) fn step(&mut self, now: Timestamp, config: &Config, lines: &Lines) -> Result<Step> {
        if let Some(ride) = &self.ride {
            return Ok(Step::Join(ride.clone()));
        }
        if self.killing {
            match &self.place {
                Place::Stored(hold) => return Ok(Step::Delete(hold.key)),
                Place::Shut { key: Some(key), .. } => {
                    return Ok(Step::Delete(*key));
                }
                // The first save that the kill waited for failed, so nothing is there to delete.
                Place::New { .. } | Place::Shut { key: None, .. } | Place::Gone => self.killing = false,
            }
        }
        if matches!(self.place, Place::Shut { .. } | Place::Gone) {
            return self.refuse();
        }
        if !self.has_work(now, config) {
            self.changes.clear();
            return Ok(Step::Done);
        }
        self.depart(lines)
    }

    /// Decides what a handle without a session gets: nothing it wants is kept, but for a login.
    fn refuse(&mut self) -> Result<Step> {
        if self.changes.is_empty() {
            return Ok(Step::Done);
        }
        if self.had_owner || login_of(&self.changes).is_none() {
            self.discard();
            return Err(Error::Gone);
        }
        Ok(Step::StartAnew)
    }

    /// Lets the changes go into a new session, which starts from what the handle had read, or else from `initial`.
    pub(crate) fn start_anew(&mut self, initial: Values) {
        let read = match &mut self.place {
            Place::Shut { read, .. } => read.take(),
            Place::New { .. } | Place::Stored(_) | Place::Gone => None,
        };
        self.place = match read {
            Some(read) => Place::carrying(read, self.address),
            None => Place::fresh(initial, self.address),
        };
    }

    fn has_work(&self, now: Timestamp, config: &Config) -> bool {
        match &self.place {
            Place::New { start } => {
                self.changes.iter().any(Change::is_about_the_session) || self.view.encode() != start.values
            }
            Place::Stored(hold) => {
                !self.changes.is_empty() || hold.first_sight || hold.loaded.wants_touch(now, config)
            }
            Place::Shut { .. } | Place::Gone => false,
        }
    }

    /// Sends the changes off as one list.
    fn depart(&mut self, lines: &Lines) -> Result<Step> {
        let renews = self.changes.iter().any(Change::renews_the_ticket);
        let secret = if renews { Some(Secret::generate()?) } else { None };
        let (line, start, proofs, first_sight) = match &self.place {
            Place::Stored(hold) => {
                let start = Start::Stored(hold.loaded.clone());
                (lines.of(hold.key), start, hold.proofs.clone(), hold.first_sight)
            }
            Place::New { start } => {
                (Arc::default(), Start::New(Box::new(start.clone())), Proofs::none(), false)
            }
            Place::Shut { .. } | Place::Gone => return Err(Error::Gone),
        };
        let logins = self.content().map_or(0, |content| content.facts.logins);
        let changes = std::mem::take(&mut self.changes);
        let list = List { changes, secret, proofs, logins, address: self.address, first_sight };
        let ride = Ride { line, entry: Entry::new(list, start) };
        self.ride = Some(ride.clone());
        Ok(Step::Join(ride))
    }
}
