//! Where a handle stands between its commits.

use std::{net::IpAddr, sync::Arc};

use super::{Place, nested};
use crate::{
    Key, Owner, SessionId,
    commit::{Change, Entry, List, Standing, login_of},
    frame::{Content, Values, View},
    session::Found,
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
    pub(super) changes: Vec<Change>,
    /// Whether `view` is what all of `changes`, and nothing else, make of the session as it was last loaded.
    pub(super) in_step: bool,
    /// The list that is being saved.
    pub(super) ride: Option<Arc<Entry>>,
    /// Whether the session is to be deleted before anything else.
    pub(super) killing: bool,
    /// What a new session starts from that follows a killed one.
    initial: Values,
    /// The session whose ticket the browser showed, if that was the one in force.
    came_with: Option<Key>,
    /// Whether that session was deleted here, so that the browser's cookie opens nothing any more.
    pub(super) cookie_is_void: bool,
    /// Whether the next commit puts a new ticket in force because the present one is old.
    pub(super) renewing: bool,
    /// The ticket that the browser is to get.
    pub(super) ticket: Option<SessionId>,
}

/// Changes that a handle has given up, to be dropped when it is not locked.
///
/// They hold what closures have captured, and dropping that runs foreign code, which may well use the handle.
#[derive(Debug, Default)]
#[must_use = "it is to be dropped outside the lock"]
pub(crate) struct GivenUp {
    pub(super) _changes: Vec<Change>,
    pub(super) _ride: Option<Arc<Entry>>,
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
            in_step: true,
            ride: None,
            killing: false,
            initial: Values::default(),
            came_with: None,
            cookie_is_void: false,
            renewing: false,
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
            Some(ride) if !self.killing => &ride.list.changes,
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

    /// Shows the reader what the changes that are not kept yet make of the session.
    pub(super) fn show(&mut self, view: View) {
        *self.edit() = view;
        self.in_step = self.ride.is_none() && !self.killing;
    }

    /// Forgets what the reader was shown: it is to be computed again.
    pub(super) fn outdate(&mut self) {
        self.edition += 1;
        self.in_step = false;
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
        self.in_step = false;
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
    pub(super) fn end(&mut self) {
        self.killing = false;
        self.place = Place::fresh(self.initial.clone(), self.address);
    }

    /// Forgets the changes that are not kept yet, but no kill.
    pub(super) fn discard(&mut self) -> GivenUp {
        // What a kill waits for must be known, or else it cannot be deleted.
        let ride = if self.killing { None } else { self.ride.take() };
        *self.edit() = self.unchanged();
        self.in_step = !self.killing;
        GivenUp { _changes: std::mem::take(&mut self.changes), _ride: ride }
    }

    /// Gives up the changes that are kept already, or change nothing.
    pub(super) fn give_up_changes(&mut self) -> GivenUp {
        GivenUp { _changes: std::mem::take(&mut self.changes), _ride: None }
    }
}
