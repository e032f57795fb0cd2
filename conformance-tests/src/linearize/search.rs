//! The search for an order.

use std::{
    collections::HashSet,
    fmt::{self, Write},
};

use crate::linearize::{Operation, model::State};

/// What became of the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// There is an order that explains every answer.
    Linearizable,
    /// There is none; the words say how far the best attempt came.
    Violated(String),
    /// There are too many orders to try them all.
    Undecided,
}

/// Decides whether the calls for one key, which held nothing before, can be put in an order that explains every answer.
pub(crate) fn linearize(history: &[Operation]) -> Verdict {
    let mut operations: Vec<&Operation> = history.iter().collect();
    operations.sort_by_key(|operation| operation.called);
    let certain = operations.iter().filter(|operation| operation.is_certain()).count();
    let mut done = Done::of(operations.len());
    let best = Best { done: done.clone(), state: State::default() };
    let mut search = Search { operations, seen: HashSet::new(), best };
    if search.explore(&mut done, &State::default(), certain) {
        Verdict::Linearizable
    } else if search.seen.len() >= Search::TRIED_MAX {
        Verdict::Undecided
    } else {
        Verdict::Violated(search.words())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Linearizable => f.write_str("there is an order"),
            Self::Violated(words) => f.write_str(words),
            Self::Undecided => f.write_str("there are too many orders to try"),
        }
    }
}

struct Search<'a> {
    /// In the order of their calls.
    operations: Vec<&'a Operation>,
    /// What was tried in vain, or is being tried.
    seen: HashSet<(Done, State)>,
    best: Best,
}

/// The longest beginning of an order that was found.
struct Best {
    done: Done,
    state: State,
}

impl Search<'_> {
    /// After so many attempts a history is given up: about a second, and far more than any store of ours needs.
    const TRIED_MAX: usize = 400_000;

    fn explore(&mut self, done: &mut Done, state: &State, certain_left: usize) -> bool {
        if certain_left == 0 {
            return true;
        }
        if self.seen.len() >= Self::TRIED_MAX || !self.seen.insert((done.clone(), state.clone())) {
            return false;
        }
        if done.count() > self.best.done.count() {
            self.best = Best { done: done.clone(), state: state.clone() };
        }
        for place in self.candidates(done) {
            let Some(operation) = self.operations.get(place).copied() else { continue };
            let Some(next) = state.after(operation) else { continue };
            done.set(place, true);
            if self.explore(done, &next, certain_left - usize::from(operation.is_certain())) {
                return true;
            }
            done.set(place, false);
        }
        false
    }

    /// Returns the places of the calls that may come next, the certain ones first: nothing that must come before
    /// them is left.
    fn candidates(&self, done: &Done) -> Vec<usize> {
        let left = || self.operations.iter().enumerate().filter(|(place, _)| !done.has(*place));
        let ends =
            left().filter(|(_, operation)| operation.is_certain()).map(|(_, operation)| operation.ended);
        let first_end = ends.min().unwrap_or(u64::MAX);
        let begun = left().take_while(|(_, operation)| operation.called < first_end);
        let (certain, others): (Vec<_>, Vec<_>) = begun.partition(|(_, operation)| operation.is_certain());
        let others = others.into_iter().filter(|(_, operation)| !self.is_over(operation, done));
        certain.into_iter().chain(others).map(|(place, _)| place).collect()
    }

    fn is_over(&self, operation: &Operation, done: &Done) -> bool {
        let mut others = self.operations.iter().enumerate();
        others.any(|(place, other)| done.has(place) && operation.is_over_when(other))
    }

    fn words(&self) -> String {
        let Best { done, state } = &self.best;
        let mut words = format!(
            "no order of the {} calls explains the answers; after {} of them there is {state:?}, and none of these fits:",
            self.operations.len(),
            done.count()
        );
        for operation in self.candidates(done).into_iter().filter_map(|place| self.operations.get(place)) {
            let Operation { action, reply, called, ended } = operation;
            let _ = write!(words, "\n    [{called}..{ended}] {action:?} was answered {reply:?}");
        }
        words
    }
}

/// Which calls are in the order already.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Done(Vec<u64>);

impl Done {
    fn of(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }

    fn set(&mut self, place: usize, is_done: bool) {
        let bit = 1 << (place % 64);
        if let Some(word) = self.0.get_mut(place / 64) {
            *word = if is_done { *word | bit } else { *word & !bit };
        }
    }

    fn has(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }
}
