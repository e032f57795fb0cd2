//! After which bytes the line breaks.

use crate::{fixture::shuffle, proxy::Way, rng::Rng};

/// Up to this length, a message is broken after every byte.
const SHORT_MESSAGE: usize = 96;

/// Of a longer one: after each of the first bytes, each of the last, and some between.
const FIRST: usize = 48;
const LAST: usize = 16;
const BETWEEN: usize = 16;

/// Where the line breaks.
#[derive(Debug)]
pub(super) struct Spots {
    pub(super) spots: Vec<(Way, usize)>,
    /// How many of them are broken at in every run; the others as far as time goes.
    pub(super) sure: usize,
}

impl Spots {
    /// Returns all places in a call that takes so many bytes each way, those that are tried in every run first.
    pub(super) fn of((there, back): (usize, usize), rng: &mut Rng) -> Self {
        let (mut sure, mut rest) = (Vec::new(), Vec::new());
        for (way, len) in [(Way::ToServer, there), (Way::ToClient, back)] {
            for after in 0..=len {
                let spots = if is_sure(after, len) { &mut sure } else { &mut rest };
                spots.push((way, after));
            }
        }
        // One call that nothing breaks.
        sure.push((Way::ToClient, usize::MAX));
        shuffle(&mut rest, rng);
        let count = sure.len();
        sure.extend(rest);
        Self { spots: sure, sure: count }
    }

    /// Returns so many places, evenly apart: at both ends and between, both ways.
    pub(super) fn few((there, back): (usize, usize), each_way: usize) -> Vec<(Way, usize)> {
        let evenly = |way, len: usize| (0..=each_way).map(move |part| (way, len * part / each_way.max(1)));
        evenly(Way::ToServer, there).chain(evenly(Way::ToClient, back)).collect()
    }
}

fn is_sure(after: usize, len: usize) -> bool {
    let step = (len / BETWEEN).max(1);
    len <= SHORT_MESSAGE || after <= FIRST || after + LAST >= len || after.is_multiple_of(step)
}
