//! Random calls answer as a model does.
//!
//! The calls are made one after the other, so that every answer is decided. When one is wrong, the list of calls is
//! shortened as far as it still goes wrong, and shown with the seed.

mod player;
mod shrink;
mod step;

use self::{
    player::{Handles, Player, Table},
    shrink::shrunk,
    step::{Deck, KEYS, Step},
};
use crate::{ctx::Ctx, outcome::Outcome};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! mbt_cases {
    ($then:path, $args:tt) => {
        $then! { $args Mbt
            mbt_001 random_calls_answer_as_the_model_does [];
            mbt_002 opening_again_changes_no_answer [reopen];
            mbt_003 clocks_that_jump_change_no_rule [];
            mbt_004 two_openings_answer_as_one [shared];
            mbt_005 listings_show_what_the_model_holds [directory];
            mbt_006 the_model_says_who_makes_room [cap];
        }
    };
}
mbt_cases!(crate::macros::case_table, ());

/// Creations, saves, touches, deletes and sweeps of a few sessions.
async fn random_calls_answer_as_the_model_does(ctx: &Ctx) -> Outcome {
    play(ctx, Deck::default(), Handles::One).await
}

/// The same, and now and then the store is closed and opened again. Lists are compared where there are any.
async fn opening_again_changes_no_answer(ctx: &Ctx) -> Outcome {
    play(ctx, Deck { reopen: 4, clock: 4, list: lists(ctx, 8), ..Deck::default() }, Handles::One).await
}

/// The same while the time that is given jumps forwards and backwards.
async fn clocks_that_jump_change_no_rule(ctx: &Ctx) -> Outcome {
    play(ctx, Deck { clock: 12, ..Deck::default() }, Handles::One).await
}

/// The same through two openings of one namespace by turns, both of which list what there is.
async fn two_openings_answer_as_one(ctx: &Ctx) -> Outcome {
    play(ctx, Deck { switch: 16, clock: 4, list: lists(ctx, 8), ..Deck::default() }, Handles::Two).await
}

/// The same, and every listing is compared, too.
async fn listings_show_what_the_model_holds(ctx: &Ctx) -> Outcome {
    play(ctx, Deck { list: 16, clock: 8, ..Deck::default() }, Handles::One).await
}

/// The same where there is room for fewer sessions than there are keys, so that creations evict, and where
/// the store is opened again. No two times are the same, for then it would be for the store to choose.
async fn the_model_says_who_makes_room(ctx: &Ctx) -> Outcome {
    let reopen = if ctx.caps().reopen { 4 } else { 0 };
    let deck = Deck { clock: 8, reopen, list: lists(ctx, 16), cap: Some(KEYS - 1), ..Deck::default() };
    play(ctx, deck, Handles::One).await
}

/// Returns how often lists are drawn: never where there are none.
fn lists(ctx: &Ctx, often: u64) -> u64 {
    if ctx.caps().directory { often } else { 0 }
}

/// Plays random games, each in a namespace of its own, until one goes wrong.
async fn play(ctx: &Ctx, deck: Deck, handles: Handles) -> Outcome {
    let mut rng = ctx.rng();
    for _ in ctx.rounds(10, 300) {
        let steps: Vec<Step> = (0..STEPS).map(|_| deck.draw(&mut rng)).collect();
        let table = Table { handles, cap: deck.cap };
        let Some(failure) = Player::play(ctx, &steps, table).await? else { continue };
        let (steps, failure) = shrunk(ctx, steps, failure, table).await?;
        let words = &failure.words;
        ctx.check(failure.number, false, format_args!("{words}, after {steps:?} (seed {})", ctx.seed()));
        return Ok(());
    }
    for number in 1..=if deck.list > 0 { 3 } else { 2 } {
        ctx.check(number, true, "no game went wrong");
    }
    Ok(())
}

/// How many calls a game has.
const STEPS: usize = 60;
