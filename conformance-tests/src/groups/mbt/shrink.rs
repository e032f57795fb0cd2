//! Shortens a game that goes wrong.

use super::{
    player::{Failure, Player, Table},
    step::Step,
};
use crate::{ctx::Ctx, outcome::Outcome};

/// Leaves out calls as long as the game still goes wrong: halves, quarters, and in the end single ones.
pub(super) async fn shrunk(
    ctx: &Ctx,
    mut steps: Vec<Step>,
    mut failure: Failure,
    table: Table,
) -> Outcome<(Vec<Step>, Failure)> {
    let mut tries = ctx.rounds(TRIES, TRIES);
    let mut len = steps.len() / 2;
    while len > 0 {
        let mut from = 0;
        while from < steps.len() && tries.next().is_some() {
            let shorter = without(&steps, from, len);
            match Player::play(ctx, &shorter, table).await? {
                Some(shorter_failure) => (steps, failure) = (shorter, shorter_failure),
                None => from += len,
            }
        }
        len /= 2;
    }
    Ok((steps, failure))
}

/// How many shorter games are tried.
const TRIES: usize = 200;

fn without(steps: &[Step], from: usize, len: usize) -> Vec<Step> {
    let (kept, rest) = steps.split_at(from.min(steps.len()));
    kept.iter().chain(rest.iter().skip(len)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_left_out() {
        let steps: Vec<Step> = (0..5).map(|key| Step::Delete { key }).collect();
        let keys = |steps: &[Step]| -> Vec<usize> {
            steps.iter().map(|step| if let Step::Delete { key } = step { *key } else { 9 }).collect()
        };
        assert_eq!(keys(&without(&steps, 1, 2)), [0, 3, 4]);
        assert_eq!(keys(&without(&steps, 4, 2)), [0, 1, 2, 3]);
        assert_eq!(keys(&without(&steps, 0, 5)), [0; 0]);
    }
}
