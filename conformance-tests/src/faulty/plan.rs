//! Which call fails, and how.

use std::collections::{BTreeMap, VecDeque};

use crate::{
    faulty::{Fault, Verb},
    rng::Rng,
};

/// Which call fails, and how: first as scripted, then as chance has it.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    script: BTreeMap<Verb, VecDeque<Fault>>,
    chance: Option<Chance>,
    calls: BTreeMap<Verb, usize>,
}

#[derive(Debug)]
struct Chance {
    rng: Rng,
    one_in: u64,
}

impl Plan {
    pub(crate) fn by_chance(seed: u64, one_in: u64) -> Self {
        Self { chance: Some(Chance { rng: Rng::of(seed, "faults"), one_in }), ..Self::default() }
    }

    pub(crate) fn add(&mut self, verb: Verb, faults: impl IntoIterator<Item = Fault>) {
        self.script.entry(verb).or_default().extend(faults);
    }

    pub(crate) fn stop(&mut self) {
        (self.script, self.chance) = (BTreeMap::new(), None);
    }

    /// Returns what happens to the call that is being made.
    pub(crate) fn next(&mut self, verb: Verb) -> Fault {
        *self.calls.entry(verb).or_default() += 1;
        if let Some(fault) = self.script.get_mut(&verb).and_then(VecDeque::pop_front) {
            return fault;
        }
        let Some(Chance { rng, one_in }) = &mut self.chance else { return Fault::None };
        if rng.below(*one_in) == 0 { Fault::random(rng) } else { Fault::None }
    }

    pub(crate) fn calls(&self, verb: Verb) -> usize {
        self.calls.get(&verb).copied().unwrap_or_default()
    }
}
