//! A file or a folder: what is in it, and what of that is known to be on the medium.

use std::{collections::BTreeMap, ffi::OsString};

/// Counts changes.
pub(crate) type Moment = u64;

/// The number of a file or folder.
pub(crate) type Id = usize;

/// What is in a folder.
pub(crate) type Names = BTreeMap<OsString, Id>;

/// A file or a folder.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    File(Layers<Vec<u8>, FileChange>),
    Folder(Layers<Names, NameChange>),
}

/// What the system shows, what is on the medium for certain, and the changes between the two.
#[derive(Clone, Debug)]
pub(crate) struct Layers<T, C> {
    pub(crate) shown: T,
    pub(crate) synced: T,
    pub(crate) pending: Vec<Pending<C>>,
}

/// A change that came after one that may be lost.
#[derive(Clone, Debug)]
pub(crate) struct Pending<C> {
    moment: Moment,
    pub(crate) change: C,
    lasts: Lasts,
}

/// Whether a change is on the medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lasts {
    /// Nobody knows; a sync makes sure.
    Perhaps,
    /// Nobody knows, and no later sync says anything about it: one that failed has taken note of it.
    PerhapsForEver,
    Surely,
}

/// A change of a file.
#[derive(Clone, Debug)]
pub(crate) enum FileChange {
    Write(usize, Vec<u8>),
    Length(usize),
}

/// A change of a folder: a name that stands for something else from now on, or for nothing.
#[derive(Clone, Debug)]
pub(crate) struct NameChange(pub(crate) OsString, pub(crate) Option<Id>);

/// A change that can be carried out.
pub(crate) trait Change<T> {
    fn make(&self, to: &mut T);
}

impl Change<Vec<u8>> for FileChange {
    fn make(&self, to: &mut Vec<u8>) {
        match self {
            Self::Length(length) => to.resize(*length, 0),
            Self::Write(at, bytes) => {
                let end = at + bytes.len();
                to.resize(to.len().max(end), 0);
                if let Some(place) = to.get_mut(*at..end) {
                    place.copy_from_slice(bytes);
                }
            }
        }
    }
}

impl Change<Names> for NameChange {
    fn make(&self, to: &mut Names) {
        match self.1 {
            Some(id) => to.insert(self.0.clone(), id),
            None => to.remove(&self.0),
        };
    }
}

impl<T: Clone, C: Change<T>> Layers<T, C> {
    /// Returns what is there and on the medium.
    pub(crate) fn lasting(content: T) -> Self {
        Self { shown: content.clone(), synced: content, pending: Vec::new() }
    }

    pub(crate) fn change(&mut self, moment: Moment, change: C) {
        change.make(&mut self.shown);
        self.pending.push(Pending { moment, change, lasts: Lasts::Perhaps });
    }

    /// Everything up to this moment is on the medium.
    pub(crate) fn sync(&mut self, until: Moment) {
        self.mark(|moment| moment <= until, Lasts::Surely);
    }

    /// What was changed at this moment is on the medium, whatever came before.
    pub(crate) fn sync_one(&mut self, when: Moment) {
        self.mark(|moment| moment == when, Lasts::Surely);
    }

    /// A sync of everything up to this moment failed: the system takes the changes for written, and they may be lost.
    pub(crate) fn fail_to_sync(&mut self, until: Moment) {
        self.mark(|moment| moment <= until, Lasts::PerhapsForEver);
    }

    fn mark(&mut self, is_meant: impl Fn(Moment) -> bool, lasts: Lasts) {
        let open = self.pending.iter_mut().filter(|pending| pending.lasts == Lasts::Perhaps);
        open.filter(|pending| is_meant(pending.moment)).for_each(|pending| pending.lasts = lasts);
        let sure = self.pending.iter().take_while(|pending| pending.lasts == Lasts::Surely).count();
        for pending in self.pending.drain(..sure) {
            pending.change.make(&mut self.synced);
        }
    }

    /// Returns what is found when those of the changes that may be lost reached the medium that `kept` returns.
    pub(crate) fn left(&self, mut kept: impl FnMut(Moment, &C) -> Option<C>) -> T {
        let mut left = self.synced.clone();
        for Pending { moment, change, lasts } in &self.pending {
            match lasts {
                Lasts::Surely => change.make(&mut left),
                Lasts::Perhaps | Lasts::PerhapsForEver => {
                    kept(*moment, change).iter().for_each(|change| change.make(&mut left));
                }
            }
        }
        left
    }
}
