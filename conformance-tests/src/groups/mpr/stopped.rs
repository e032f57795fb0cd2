//! A process that is stopped in the middle of a call, and goes on when the other one has written.

use std::time::Duration;

use session_core::{Error, Expect, Record, Result, Revision, Stored};
use tokio::time::sleep;

use super::slow::{SlowCall, What, beside, end, watch, write};
use crate::{
    ctx::Ctx,
    fixture::{race, shift, subject},
    linearize::Recorder,
    outcome::Outcome,
    trace::Step,
};

/// So many steps are tried, the last ones: what a call decided it carries out near its end.
const STEPS_MAX: usize = 8;

/// What was told that it could not be written, and waits for the other process all the same, has this long to show itself.
const A_WHILE: Duration = Duration::from_millis(300);

/// A process is stopped before a step of a write, and goes on when the other one has written: the stopped write lands before that
/// one or not at all.
pub(super) async fn a_stopped_process_writes_nothing_stale(ctx: &Ctx) -> Outcome {
    let stops = stops(ctx, &[What::Save, What::Touch, What::Create]).await?;
    at_each(&stops, |stop| overwritten(ctx, stop)).await
}

/// Does the same with each of the stops, a few at a time.
async fn at_each<'a, F>(
    stops: &'a [(What, Step)],
    work: impl Fn(Option<&'a (What, Step)>) -> F + Sync,
) -> Outcome
where
    F: Future<Output = Outcome>,
{
    for few in stops.chunks(STEPS_MAX) {
        race(few.len(), |number| work(few.get(number))).await?.into_iter().collect::<Outcome>()?;
    }
    Ok(())
}

async fn overwritten(ctx: &Ctx, stop: Option<&(What, Step)>) -> Outcome {
    let Some((what, step)) = stop else { return Ok(()) };
    let (namespace, here) = ctx.open_other().await?;
    let mut call = SlowCall::start(ctx, *what, &namespace, &here, Some((step, "SIGSTOP"))).await?;
    call.wait_until_stopped().await;
    // It may be told that it cannot write now; it must be told something.
    let written = ctx.answered(1, write_or_create(&call.recorder, ctx)).await?;
    let is_clear = matches!(written, Ok(_) | Err(Error::Backend { .. } | Error::Conflict | Error::Exists));
    ctx.check(
        1,
        is_clear,
        format_args!("{what:?} stopped before {step}, the other process is answered {written:?}"),
    );
    call.second.go_on();
    let _ = ctx.answered(2, &mut call.calling).await?;
    if matches!(written, Err(Error::Backend { .. })) {
        sleep(A_WHILE).await;
    }
    in_order(ctx, &call).await?;
    let written = ctx.answered(4, write_or_create(&call.recorder, ctx)).await?;
    ctx.check(
        4,
        written.is_ok(),
        format_args!("{what:?} stopped before {step}, a later write is answered {written:?}"),
    );
    in_order(ctx, &call).await?;
    drop((call, here));
    ctx.discard(&namespace).await;
    Ok(())
}

/// Saves the session here, or creates it where there is none.
async fn write_or_create(here: &Recorder, ctx: &Ctx) -> Result<Revision> {
    match write(here, ctx).await {
        Err(Error::Missing) => here.save(&subject(ctx).key, &beside(ctx), Expect::Absent, ctx.now()).await,
        written => written,
    }
}

/// Checks that what was called so far, and a load, have an order.
async fn in_order(ctx: &Ctx, call: &SlowCall) -> Outcome {
    let _ = call.recorder.load(&call.key, ctx.now()).await;
    for history in call.recorder.histories().values() {
        ctx.has_an_order(3, history)?;
    }
    Ok(())
}

/// A process is stopped before a step of a write, and goes on when the other one has deleted: the session stays deleted.
pub(super) async fn a_stopped_write_revives_nothing(ctx: &Ctx) -> Outcome {
    let stops = stops(ctx, &[What::Save, What::Touch]).await?;
    at_each(&stops, |stop| deleted(ctx, stop)).await
}

async fn deleted(ctx: &Ctx, stop: Option<&(What, Step)>) -> Outcome {
    let Some((what, step)) = stop else { return Ok(()) };
    let (namespace, here) = ctx.open_other().await?;
    let mut call = SlowCall::start(ctx, *what, &namespace, &here, Some((step, "SIGSTOP"))).await?;
    call.wait_until_stopped().await;
    let deleted = ctx.answered(1, here.delete(&call.key)).await?;
    call.second.go_on();
    let _ = ctx.answered(2, &mut call.calling).await?;
    // A delete that was told to come again later has promised nothing.
    if deleted.is_ok() {
        let what = format!("deleted when {what:?} was stopped before {step}");
        ctx.finds(3, &*here, &call.key, ctx.now(), None, what).await;
    }
    drop((call, here));
    ctx.discard(&namespace).await;
    Ok(())
}

/// A process is stopped before a step of a sweep, and goes on when the other one has kept the session alive: it lives.
pub(super) async fn a_stopped_sweep_spares_what_was_touched(ctx: &Ctx) -> Outcome {
    let stops = stops(ctx, &[What::Sweep]).await?;
    at_each(&stops, |stop| touched(ctx, stop)).await
}

async fn touched(ctx: &Ctx, stop: Option<&(What, Step)>) -> Outcome {
    let Some((_, step)) = stop else { return Ok(()) };
    let (namespace, here) = ctx.open_other().await?;
    let mut sweep = SlowCall::start(ctx, What::Sweep, &namespace, &here, Some((step, "SIGSTOP"))).await?;
    sweep.wait_until_stopped().await;
    let (now, later) = (ctx.now(), shift(end(ctx), 60_000));
    let Stored { record, revision } = sweep.created.clone().ok_or(Error::Missing)?;
    let touched = ctx.answered(1, here.touch(&sweep.key, revision, now, later, now)).await?;
    sweep.second.go_on();
    let _ = ctx.answered(2, &mut sweep.calling).await?;
    // It may have been swept already, or be told to come again later.
    if let Ok(revision) = touched {
        let record = Record { accessed_at: now, expires_at: later, ..record };
        let what = format!("touched while a sweep was stopped before {step}");
        ctx.finds(3, &*here, &sweep.key, now, Some(&Stored { record, revision }), what).await;
    }
    drop((sweep, here));
    ctx.discard(&namespace).await;
    Ok(())
}

/// Returns before which steps of these calls they are stopped.
async fn stops(ctx: &Ctx, calls: &[What]) -> Outcome<Vec<(What, Step)>> {
    let mut stops = Vec::new();
    for what in calls {
        let mut steps = watch(ctx, *what, 2).await?;
        let late = steps.split_off(steps.len().saturating_sub(STEPS_MAX));
        stops.extend(late.into_iter().map(|step| (*what, step)));
    }
    Ok(stops)
}
