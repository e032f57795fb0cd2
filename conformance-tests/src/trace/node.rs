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
    pub(crate) pending: Vec<(Moment, C)>,
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
        self.pending.push((moment, change));
    }

    /// Everything up to this moment is on the medium.
    pub(crate) fn sync(&mut self, until: Moment) {
        let synced = &mut self.synced;
        self.pending.retain(|(moment, change)| {
            if *moment <= until {
                change.make(synced);
            }
            *moment > until
        });
    }

    /// Returns what is found when those of the pending changes reached the medium that `kept` returns.
    pub(crate) fn left(&self, mut kept: impl FnMut(Moment, &C) -> Option<C>) -> T {
        let mut left = self.synced.clone();
        for change in self.pending.iter().filter_map(|(moment, change)| kept(*moment, change)) {
            change.make(&mut left);
        }
        left
    }
}
