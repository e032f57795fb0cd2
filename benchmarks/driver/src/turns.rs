//! A B A B: two sides work in turn, so that whatever else the machine does hits both.

use crate::{Result, bench::ROUNDS};

/// What two sides reached in each round, in one unit.
pub(crate) struct Turns {
    pub(crate) ours: Vec<f64>,
    pub(crate) peer: Vec<f64>,
}

impl Turns {
    /// Has both work in turn, once to warm up and then for each round.
    pub(crate) fn take(
        mut ours: impl FnMut() -> Result<f64>,
        mut peer: impl FnMut() -> Result<f64>,
    ) -> Result<Self> {
        let mut turns = Self { ours: Vec::new(), peer: Vec::new() };
        ours()?;
        peer()?;
        for _ in 0..ROUNDS {
            turns.ours.push(ours()?);
            turns.peer.push(peer()?);
        }
        Ok(turns)
    }

    /// Returns the median of the rounds' ratios, ours to the peer's.
    pub(crate) fn ratio(&self) -> f64 {
        median(&self.ratios())
    }

    /// Returns how far the greatest ratio is from the least, in parts of the median.
    pub(crate) fn spread(&self) -> f64 {
        let ratios = self.ratios();
        let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = ratios.iter().copied().fold(0.0, f64::max);
        (greatest - least) / median(&ratios)
    }

    fn ratios(&self) -> Vec<f64> {
        self.ours.iter().zip(&self.peer).map(|(ours, peer)| ours / peer).collect()
    }
}

pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_take_turns_and_the_first_round_does_not_count() {
        let order = std::cell::RefCell::new(String::new());
        let side = |name: char, value: f64| {
            let order = &order;
            move || {
                order.borrow_mut().push(name);
                Ok(value)
            }
        };
        let turns = Turns::take(side('A', 6.0), side('B', 2.0)).unwrap();
        assert_eq!((turns.ours.len(), turns.ratio(), turns.spread()), (5, 3.0, 0.0));
        assert_eq!(order.into_inner(), "ABABABABABAB");
    }

    #[test]
    fn one_slow_round_does_not_move_the_ratio_but_widens_the_spread() {
        let turns = Turns { ours: vec![4.0, 4.0, 1.0, 4.0, 4.0], peer: vec![2.0; 5] };
        assert_eq!((turns.ratio(), turns.spread()), (2.0, 0.75));
    }
}
