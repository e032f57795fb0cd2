//! The search for an order.

use std::collections::HashSet;

use crate::linearize::{
    Operation, Reply,
    model::State,
    verdict::{self, Verdict},
};

/// Decides whether the calls for one key, which held nothing before, can be put in an order that explains every answer.
pub(crate) fn linearize(history: &[Operation]) -> Verdict {
    linearize_within(history, Search::TRIED_MAX)
}

/// Decides the same, and gives up after so many attempts.
pub(crate) fn linearize_within(history: &[Operation], tries_left: usize) -> Verdict {
    let mut operations: Vec<&Operation> = history.iter().collect();
    operations.sort_by_key(|operation| operation.called);
    let best = (Done::of(operations.len()), State::default());
    let mut search = Search { operations, seen: HashSet::new(), tries_left, best };
    if search.explore(Done::of(history.len()), &State::default()) {
        Verdict::Linearizable
    } else if search.tries_left == 0 {
        Verdict::Undecided
    } else {
        let (done, state) = &search.best;
        let open = search.open(done).into_iter().filter_map(|place| search.at(place));
        Verdict::Violated(verdict::words(search.operations.len(), done.count(), state, open))
    }
}

struct Search<'a> {
    /// In the order of their calls.
    operations: Vec<&'a Operation>,
    /// What was tried in vain, or is being tried.
    seen: HashSet<(Done, State)>,
    tries_left: usize,
    /// The longest beginning of an order that was found, and what there is after it.
    best: (Done, State),
}

impl<'a> Search<'a> {
    /// After so many attempts a history is given up: two hundred times what the histories of our cases took on any store,
    /// right or wrong.
    const TRIED_MAX: usize = 100_000;

    fn explore(&mut self, mut done: Done, state: &State) -> bool {
        self.take_those_who_only_look(&mut done, state);
        if self.is_explained(&done) {
            return true;
        }
        if self.tries_left == 0 || !self.seen.insert((done.clone(), state.clone())) {
            return false;
        }
        self.tries_left -= 1;
        if done.count() > self.best.0.count() {
            self.best = (done.clone(), state.clone());
        }
        for place in self.choices(&done) {
            let Some(operation) = self.at(place) else { continue };
            let Some(next) = state.after(operation) else { continue };
            // What need not be in the order and would change nothing is left out of it.
            if next == *state && !operation.is_certain() {
                continue;
            }
            let mut then = done.clone();
            if !operation.goes_on() {
                then.set(place);
            }
            if self.explore(then, &next) {
                return true;
            }
        }
        false
    }

    /// Puts calls into the order that only look and see what is there, such as a load or a refused save.
    ///
    /// Where an order exists, one exists in which such a call comes at once: nothing has to come before it, nothing
    /// hangs on it, and nothing that may come before it alone is shut out.
    fn take_those_who_only_look(&self, done: &mut Done, state: &State) {
        loop {
            let open = self.open(done);
            let looks = |operation: &Operation| {
                self.only_looks(operation, done) && state.after(operation).as_ref() == Some(state)
            };
            let shuts_out = |operation: &Operation| {
                let others = open.iter().filter_map(|place| self.at(*place));
                others.filter(|other| !other.is_certain()).any(|other| other.is_over_when(operation))
            };
            let is_free = |operation: &Operation| looks(operation) && !shuts_out(operation);
            match open.iter().find(|place| self.at(**place).is_some_and(is_free)) {
                Some(place) => done.set(*place),
                None => return,
            }
        }
    }

    /// Returns whether nothing hangs on the call, wherever it comes.
    fn only_looks(&self, operation: &Operation, done: &Done) -> bool {
        match &operation.reply {
            Reply::Loaded(None) | Reply::Refused(_) | Reply::Swept(false) => true,
            // It may be what tells at which revision a session was created.
            Reply::Loaded(Some(found)) => {
                !self.left(done).any(|(_, other)| other.may_have_created(&found.record))
            }
            _ => false,
        }
    }

    fn is_explained(&self, done: &Done) -> bool {
        self.left(done).all(|(_, operation)| !operation.is_certain())
    }

    /// Returns the places of the calls to try next, the certain ones first.
    ///
    /// Of those that do the same only the one is tried that will be over first: in any order with another one, the two
    /// can change places.
    fn choices(&self, done: &Done) -> Vec<usize> {
        let mut open: Vec<(usize, &Operation)> =
            self.open(done).into_iter().filter_map(|place| Some((place, self.at(place)?))).collect();
        open.sort_by_key(|(_, operation)| (!operation.is_certain(), operation.ended));
        let mut choices: Vec<(usize, &Operation)> = Vec::new();
        for (place, operation) in open {
            if !choices.iter().any(|(_, chosen)| chosen.is_as_good_as(operation)) {
                choices.push((place, operation));
            }
        }
        choices.into_iter().map(|(place, _)| place).collect()
    }

    /// Returns the places of the calls that may come next: nothing that must come before them is left.
    fn open(&self, done: &Done) -> Vec<usize> {
        let certain = self.left(done).filter(|(_, operation)| operation.is_certain());
        let first_end = certain.map(|(_, operation)| operation.ended).min().unwrap_or(u64::MAX);
        let begun = self.left(done).take_while(|(_, operation)| operation.called < first_end);
        begun
            .filter(|(_, operation)| operation.is_certain() || !self.is_over(operation, done))
            .map(|(place, _)| place)
            .collect()
    }

    fn is_over(&self, operation: &Operation, done: &Done) -> bool {
        // The latest calls are at the end.
        let later = self.operations.iter().enumerate().rev();
        later
            .take_while(|(_, other)| other.called > operation.ended)
            .any(|(place, other)| done.has(place) && operation.is_over_when(other))
    }

    fn left(&self, done: &Done) -> impl Iterator<Item = (usize, &'a Operation)> {
        self.operations.iter().copied().enumerate().filter(|(place, _)| !done.has(*place))
    }

    fn at(&self, place: usize) -> Option<&'a Operation> {
        self.operations.get(place).copied()
    }
}

/// Which calls are in the order already.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Done(Vec<u64>);

impl Done {
    fn of(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }

    fn set(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }

    fn has(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }
}
