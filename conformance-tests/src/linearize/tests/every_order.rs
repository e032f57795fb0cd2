//! The search against trying every order there is.

use session_core::Timestamp;

use super::{LOAD, create, history, loaded, save, wrote};
use crate::{
    checks::Answer,
    linearize::{Action, Operation, Reply, linearize, model::State, verdict::Verdict},
    rng::Rng,
};
/// On 20,000 histories of up to six random calls the search finds an order just when there is one.
#[test]
fn the_search_agrees_with_trying_every_order() {
    let mut rng = Rng::of(1, "orders");
    let mut good = 0;
    for _ in 0..20_000 {
        let history = random_history(&mut rng);
        let expected = any_order(&history, &mut vec![], &State::default());
        assert_eq!(linearize(&history) == Verdict::Linearizable, expected, "{history:#?}");
        good += usize::from(expected);
    }
    assert!((2_000..18_000).contains(&good), "{good} good histories say little");
}

/// Tries every order of all certain calls and some of the others.
fn any_order(history: &[Operation], order: &mut Vec<usize>, state: &State) -> bool {
    let certain = |place: &usize| history[*place].is_certain();
    if (0..history.len()).filter(certain).all(|place| order.contains(&place)) {
        return respects_time(history, order);
    }
    (0..history.len()).any(|place| {
        let goes_on = history[place].goes_on();
        let Some(next) = (goes_on || !order.contains(&place)).then(|| state.after(&history[place])).flatten()
        else {
            return false;
        };
        if goes_on && next == *state {
            return false;
        }
        order.push(place);
        let found = any_order(history, order, &next);
        order.pop();
        found
    })
}

fn respects_time(history: &[Operation], order: &[usize]) -> bool {
    let mut pairs = (0..order.len()).flat_map(|second| (0..second).map(move |first| (first, second)));
    pairs.all(|(first, second)| {
        let (first, second) = (&history[order[first]], &history[order[second]]);
        let may_linger = matches!(second.reply, Reply::Unknown)
            || second.reply == Reply::Dropped
                && (second.goes_on() || !matches!(first.reply, Reply::Wrote(_) | Reply::Deleted));
        may_linger || second.ended > first.called
    })
}

/// Makes calls that are half likely to fit to what a few calls before them did.
fn random_history(rng: &mut Rng) -> Vec<Operation> {
    let len = 2 + rng.index(5);
    let mut called = 0;
    let mut made = Vec::new();
    for _ in 0..len {
        called += rng.below(3) + 1;
        let (action, reply) = random_call(rng);
        // No two instants are the same: calls are even, ends are odd.
        let (begin, end) = (2 * (10 * called + rng.below(10)), 20 * (called + 1 + rng.below(5)) + 1);
        made.push((begin, end + 2 * rng.below(10), action, reply));
    }
    history(made)
}

fn random_call(rng: &mut Rng) -> (Action, Reply) {
    let (data, at) = (u8::from(rng.below(2) == 1), 7 + rng.below(3).cast_signed());
    let unsure = |rng: &mut Rng, reply| match rng.below(5) {
        0 => Reply::Unknown,
        1 => Reply::Dropped,
        _ => reply,
    };
    match rng.below(8) {
        0 | 1 => (create(data), unsure(rng, wrote(7))),
        2 => (save(data, at), unsure(rng, wrote(at + 1))),
        3 => (save(data, at), Reply::Refused([Answer::Conflict, Answer::Missing][rng.index(2)])),
        4 => (Action::Delete, unsure(rng, Reply::Deleted)),
        5 => (Action::Sweep { now: Timestamp::from_millis(2_000) }, Reply::PerhapsGone),
        6 => (LOAD, Reply::Loaded(None)),
        _ => (LOAD, loaded(data, at)),
    }
}
