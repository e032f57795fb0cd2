//! The line is cut during a call.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    ctx::Ctx,
    fixture::race,
    groups::net::{
        call::Call,
        lane::{AMPLE, Connection, Lane, SHORT},
        spots::Spots,
    },
    outcome::Outcome,
    proxy::{Break, Trap, Way},
    rng::Rng,
};

/// A load that is cut is a failure or what is there, never no session.
pub(super) async fn a_cut_load_finds_what_is_there_or_fails(ctx: &Ctx) -> Outcome {
    cut_everywhere(ctx, Call::Load).await
}

/// A creation that is cut is there, or not, as it was told.
pub(super) async fn a_cut_creation_is_told_as_far_as_it_is_known(ctx: &Ctx) -> Outcome {
    cut_everywhere(ctx, Call::Create).await
}

/// A save that is cut is there, or not, as it was told.
pub(super) async fn a_cut_save_is_told_as_far_as_it_is_known(ctx: &Ctx) -> Outcome {
    cut_everywhere(ctx, Call::Save).await
}

/// A touch that is cut is there, or not, as it was told.
pub(super) async fn a_cut_touch_is_told_as_far_as_it_is_known(ctx: &Ctx) -> Outcome {
    cut_everywhere(ctx, Call::Touch).await
}

/// A delete that is cut was done, or not, as it was told.
pub(super) async fn a_cut_delete_is_told_as_far_as_it_is_known(ctx: &Ctx) -> Outcome {
    cut_everywhere(ctx, Call::Delete).await
}

/// A sweep that is cut has deleted as many as it was told, and nothing that lives.
pub(super) async fn a_cut_sweep_is_told_as_far_as_it_is_known(ctx: &Ctx) -> Outcome {
    cut_everywhere(ctx, Call::Sweep).await
}

/// A list that is cut is a failure or whole, and so is a count.
pub(super) async fn a_cut_list_is_whole_or_a_failure(ctx: &Ctx) -> Outcome {
    for call in Call::LISTS {
        cut_everywhere(ctx, call).await?;
    }
    Ok(())
}

/// The line is cut while the store connects, introduces itself, and makes the call for the first time.
pub(super) async fn a_call_without_a_connection_is_told_as_far_as_it_is_known(ctx: &Ctx) -> Outcome {
    break_here_and_there(ctx, Connection::None, Break::Close, 24, AMPLE).await
}

/// A reset in place of an orderly end changes nothing of what is told.
pub(super) async fn a_call_that_is_reset_is_told_like_one_that_is_cut(ctx: &Ctx) -> Outcome {
    break_here_and_there(ctx, Connection::Warm, Break::Reset, 12, AMPLE).await
}

/// A server that stops in the middle of a call is given up; what was told holds whatever it does then.
pub(super) async fn a_server_that_never_answers_is_given_up(ctx: &Ctx) -> Outcome {
    break_here_and_there(ctx, Connection::Warm, Break::Stall, 2, SHORT).await
}

/// How many work at the same time, each with a line of its own: most of the time is spent waiting for a server.
const LANES: usize = 4;

/// Cuts calls of one kind after every byte, as far as [`Spots`] says.
async fn cut_everywhere(ctx: &Ctx, call: Call) -> Outcome {
    let lanes = open_lanes(ctx, AMPLE).await?;
    let mut rng = ctx.rng();
    let Some(first) = lanes.first() else { return Ok(()) };
    let spots = Spots::of(first.measure(ctx, call, Connection::Warm, &mut rng).await?, &mut rng);
    let rounds = ctx.rounds(spots.sure, spots.spots.len()).zip(spots.spots);
    work(
        ctx,
        &lanes,
        rounds.map(|(_, (way, after))| (call, Trap { way, after, then: Break::Close })),
        Connection::Warm,
    )
    .await
}

/// Breaks calls of every kind at a few places.
async fn break_here_and_there(
    ctx: &Ctx,
    connection: Connection,
    then: Break,
    each_way: usize,
    limit: Duration,
) -> Outcome {
    let lanes = open_lanes(ctx, limit).await?;
    let mut rng = ctx.rng();
    let Some(first) = lanes.first() else { return Ok(()) };
    let mut traps = Vec::new();
    for call in Call::VERBS {
        let bytes = first.measure(ctx, call, connection, &mut rng).await?;
        let spots = Spots::few(bytes, each_way).into_iter();
        traps.extend(spots.map(|(way, after): (Way, usize)| (call, Trap { way, after, then })));
    }
    work(ctx, &lanes, traps.into_iter(), connection).await
}

async fn open_lanes(ctx: &Ctx, limit: Duration) -> Outcome<Vec<Lane>> {
    let mut lanes = Vec::new();
    for _ in 0..LANES {
        lanes.push(Lane::open(ctx, limit).await?);
    }
    Ok(lanes)
}

/// Shares the work among the lanes.
async fn work(
    ctx: &Ctx,
    lanes: &[Lane],
    traps: impl Iterator<Item = (Call, Trap)> + Send,
    connection: Connection,
) -> Outcome {
    let traps = Mutex::new(traps);
    let next = || traps.lock().unwrap_or_else(PoisonError::into_inner).next();
    let ends = race(lanes.len(), |number| async move {
        let mut rng = Rng::of(ctx.seed(), &format!("lane {number} of {}", ctx.case().id));
        let Some(lane) = lanes.get(number) else { return Ok(()) };
        while let Some((call, trap)) = next() {
            lane.break_at(ctx, call, connection, trap, &mut rng).await?;
        }
        Outcome::Ok(())
    });
    ends.await?.into_iter().collect()
}
