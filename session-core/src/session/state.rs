//! Where a handle stands between its commits.

use std::{net::IpAddr, sync::Arc};

use super::{Place, nested};
use crate::{
    Error, Key, Owner, Result, SessionId,
    commit::{Change, Entry, Line, Lines, List, Standing, Start, login_of},
    context::Context,
    frame::{Content, Values, View},
    session::Found,
    ticket::Proofs,
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
    pub(super) view: View,
    /// Counts up whenever `view` changes, so that one which was computed outside the lock is known to be old.
    pub(super) edition: u64,
    changes: Vec<Change>,
    /// The list that is being saved.
    pub(super) ride: Option<Ride>,
    /// Whether the session is to be deleted before anything else.
    pub(super) killing: bool,
    /// What a new session starts from that follows a killed one.
    initial: Values,
    /// The session whose ticket the browser showed, if that was the one in force.
    came_with: Option<Key>,
    /// Whether that session was deleted here, so that the browser's cookie opens nothing any more.
    pub(super) cookie_is_void: bool,
    /// The ticket that the browser is to get.
    pub(super) ticket: Option<SessionId>,
}

/// A list on its way, and the line it is in.
#[derive(Clone, Debug)]
pub(crate) struct Ride {
    pub(crate) line: Arc<Line>,
    pub(crate) entry: Arc<Entry>,
}

/// Changes that a handle has given up, to be dropped when it is not locked.
///
/// They hold what closures have captured, and dropping that runs foreign code, which may well use the handle.
#[derive(Debug, Default)]
#[must_use = "it is to be dropped outside the lock"]
pub(crate) struct GivenUp {
    _changes: Vec<Change>,
    _ride: Option<Ride>,
}

/// What a commit does next.
#[derive(Debug)]
pub(crate) enum Step {
    Done(GivenUp),
    Delete(Key),
    Join(Ride),
    StartAnew,
    /// The session has ended, and nothing that was changed is kept.
    Refuse(GivenUp),
}

impl State {
    pub(crate) fn new(found: Found, place: Place, address: Option<IpAddr>) -> Self {
        let mut state = Self {
            found,
            address,
            had_owner: false,
            place,
            view: View::default(),
            edition: 0,
            changes: Vec::new(),
            ride: None,
            killing: false,
            initial: Values::default(),
            came_with: None,
            cookie_is_void: false,
            ticket: None,
        };
        state.came_with = state.key().filter(|_| found == Found::Live);
        state.had_owner = state.content().is_some_and(|content| content.owner.is_some());
        state.view = state.unchanged();
        state
    }

    /// Returns the key of the stored session, unless that is to be killed.
    pub(crate) fn key(&self) -> Option<Key> {
        match &self.place {
            Place::Stored(hold) if !self.killing => Some(hold.key),
            _ => None,
        }
    }

    /// Returns the session as the handle last saw it, without the changes since.
    pub(crate) fn content(&self) -> Option<&Content> {
        if self.killing { None } else { self.place.read() }
    }

    /// Returns the owner, with the changes since.
    pub(crate) fn owner(&self) -> Option<&Owner> {
        self.new_owner().or_else(|| self.content()?.owner.as_ref())
    }

    /// Returns the owner that the last login names which is not kept yet.
    fn new_owner(&self) -> Option<&Owner> {
        login_of(&self.changes).or_else(|| login_of(self.riding()))
    }

    /// Returns the changes on their way, unless they go with a session that is killed.
    fn riding(&self) -> &[Change] {
        match &self.ride {
            Some(ride) if !self.killing => &ride.entry.list.changes,
            _ => &[],
        }
    }

    /// Returns the stored values without the changes since.
    pub(crate) fn unchanged(&self) -> View {
        match self.content() {
            Some(content) => View::new(content.values.clone()),
            None if self.killing => View::new(self.initial.clone()),
            None => View::default(),
        }
    }

    /// Returns whether anything waits to be kept.
    pub(super) fn has_changes(&self) -> bool {
        self.killing || !self.changes.is_empty() || !self.riding().is_empty()
    }

    /// Returns how many changes wait for a commit.
    pub(super) fn uncommitted(&self) -> usize {
        self.changes.len()
    }

    /// Lets `change` wait for the next commit.
    pub(super) fn push(&mut self, change: Change) {
        nested::note();
        self.changes.push(change);
    }

    /// Lets the changes of a list that was not kept wait for the next commit again, before those made meanwhile.
    pub(super) fn take_back(&mut self, list: &List) {
        self.changes.splice(0..0, list.changes.iter().cloned());
    }

    /// Returns what is read, to be changed.
    pub(super) fn edit(&mut self) -> &mut View {
        self.edition += 1;
        &mut self.view
    }

    /// Returns the changes that are not kept yet, those on their way first.
    pub(super) fn pending(&self) -> Vec<Change> {
        self.riding().iter().chain(&self.changes).cloned().collect()
    }

    /// Returns whether a login waits to be kept.
    pub(crate) fn wants_login(&self) -> bool {
        self.new_owner().is_some()
    }

    /// Ends the session; what is changed afterwards goes into a new one that starts from `initial`.
    pub(super) fn kill(&mut self, initial: Values) -> GivenUp {
        nested::note();
        let mut ride = None;
        match &self.place {
            Place::Shut { key: None, .. } => return GivenUp::default(),
            Place::Shut { key: Some(_), .. } | Place::Stored(_) => {
                self.killing = true;
                ride = self.ride.take();
            }
            // A first save under way is waited for, and what it stored is deleted.
            Place::New { .. } if self.ride.is_some() => self.killing = true,
            Place::New { .. } | Place::Gone => self.place = Place::fresh(initial.clone(), self.address),
        }
        *self.edit() = View::new(initial.clone());
        self.initial = initial;
        GivenUp { _changes: std::mem::take(&mut self.changes), _ride: ride }
    }

    /// Logs `owner` in; over another owner's session that needs what a new one starts from, or nothing is done.
    pub(super) fn login(&mut self, owner: &Owner, initial: Option<Values>) -> Option<GivenUp> {
        let given_up = match self.owner() {
            Some(present) if present != owner => self.kill(initial?),
            _ => GivenUp::default(),
        };
        self.push(Change::Login(owner.clone()));
        Some(given_up)
    }

    /// Notes that the session called `key` is deleted, and returns whether that is news.
    pub(crate) fn deleted(&mut self, key: Key) -> bool {
        if !self.killing || self.place.stored_key() != Some(key) {
            return false;
        }
        let live = matches!(&self.place, Place::Stored(hold) if hold.standing == Standing::Live);
        self.cookie_is_void |= live && self.came_with == Some(key);
        self.ticket = None;
        self.end();
        true
    }

    /// Lets the session that follows a killed one begin.
    fn end(&mut self) {
        self.killing = false;
        self.place = Place::fresh(self.initial.clone(), self.address);
    }

    /// Forgets the changes that are not kept yet, but no kill.
    pub(super) fn discard(&mut self) -> GivenUp {
        // What a kill waits for must be known, or else it cannot be deleted.
        let ride = if self.killing { None } else { self.ride.take() };
        *self.edit() = self.unchanged();
        GivenUp { _changes: std::mem::take(&mut self.changes), _ride: ride }
    }

    /// Decides what a commit does next.
    pub(crate) fn step(&mut self, context: &Context) -> Result<Step> {
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
            return Ok(Step::Done(GivenUp { _changes: std::mem::take(&mut self.changes), _ride: None }));
        }
        self.depart(&context.lines)
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
    pub(crate) fn start_anew(&mut self, initial: Values) {
        self.place = match &self.place {
            Place::Shut { read: Some(read), .. } => Place::carrying(read, self.address),
            Place::Shut { read: None, .. } | Place::Gone => Place::fresh(initial, self.address),
            // Another commit of this handle was faster.
            Place::New { .. } | Place::Stored(_) => return,
        };
    }

    fn has_work(&self, context: &Context) -> bool {
        match &self.place {
            Place::New { start } => {
                self.changes.iter().any(Change::is_about_the_session) || self.view.encode() != start.values
            }
            Place::Stored(hold) => {
                !self.changes.is_empty()
                    || hold.first_sight
                    || hold.loaded.wants_touch(context.now(), &context.config)
            }
            Place::Shut { .. } | Place::Gone => false,
        }
    }

    /// Sends the changes off as one list.
    fn depart(&mut self, lines: &Lines) -> Result<Step> {
        let renews = self.changes.iter().any(Change::renews_the_ticket);
        // A new session gets its first ticket when it is created.
        let ticket = match &self.place {
            Place::Stored(hold) if renews => Some(SessionId::renew(hold.key)?),
            _ => None,
        };
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
        let list = List { changes, ticket, proofs, logins, address: self.address, first_sight };
        let ride = Ride { line, entry: Entry::new(list, start) };
        self.ride = Some(ride.clone());
        Ok(Step::Join(ride))
    }
}
