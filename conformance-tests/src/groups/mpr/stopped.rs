//! A process that is stopped in the middle of a call, and goes on when the other one has written.

use session_core::{Error, Record, Stored};

use super::slow::{SlowCall, What, end, watch, write};
use crate::{
    ctx::Ctx,
    fixture::{race, shift},
    outcome::Outcome,
    trace::Step,
};

/// So many steps are tried, the last ones: what a call decided it carries out near its end.
const STEPS_MAX: usize = 8;

/// A process is stopped before a step of a save, and goes on when the other one has written: the stopped save lands before that
/// write or not at all.
pub(super) async fn a_stopped_process_writes_nothing_stale(ctx: &Ctx) -> Outcome {
    let steps = late(watch(ctx, What::Save, 2).await?);
    let stop = |number: usize| overwritten(ctx, steps.get(number));
    race(steps.len(), stop).await?.into_iter().collect()
}

async fn overwritten(ctx: &Ctx, step: Option<&Step>) -> Outcome {
    let Some(step) = step else { return Ok(()) };
    let (namespace, here) = ctx.open_other().await?;
    let mut save = SlowCall::start(ctx, What::Save, &namespace, &here, Some((step, "SIGSTOP"))).await?;
    save.wait_until_stopped().await;
    // It may be told that it cannot write now; it must be told something.
    let written = ctx.answered(1, write(&save.recorder, ctx)).await?;
    let is_clear = matches!(written, Ok(_) | Err(Error::Backend { .. } | Error::Conflict));
    ctx.check(1, is_clear, format_args!("stopped before {step}, the other process is answered {written:?}"));
    save.second.go_on();
    let _ = ctx.answered(2, &mut save.calling).await?;
    let _ = save.recorder.load(&save.key, ctx.now()).await;
    for history in save.recorder.histories().values() {
        ctx.has_an_order(3, history)?;
    }
    let written = ctx.answered(4, write(&save.recorder, ctx)).await?;
    ctx.check(
        4,
        written.is_ok(),
        format_args!("stopped before {step}, a later write is answered {written:?}"),
    );
    drop((save, here));
    ctx.discard(&namespace).await;
    Ok(())
}

/// A process is stopped before a step of a save, and goes on when the other one has deleted: the session stays deleted.
pub(super) async fn a_stopped_save_revives_nothing(ctx: &Ctx) -> Outcome {
    let steps = late(watch(ctx, What::Save, 2).await?);
    let stop = |number: usize| deleted(ctx, steps.get(number));
    race(steps.len(), stop).await?.into_iter().collect()
}

async fn deleted(ctx: &Ctx, step: Option<&Step>) -> Outcome {
    let Some(step) = step else { return Ok(()) };
    let (namespace, here) = ctx.open_other().await?;
    let mut save = SlowCall::start(ctx, What::Save, &namespace, &here, Some((step, "SIGSTOP"))).await?;
    save.wait_until_stopped().await;
    let deleted = ctx.answered(1, here.delete(&save.key)).await?;
    save.second.go_on();
    let _ = ctx.answered(2, &mut save.calling).await?;
    // A delete that was told to come again later has promised nothing.
    if deleted.is_ok() {
        let what = format!("deleted while a save was stopped before {step}");
        ctx.finds(3, &*here, &save.key, ctx.now(), None, what).await;
    }
    drop((save, here));
    ctx.discard(&namespace).await;
    Ok(())
}

/// A process is stopped before a step of a sweep, and goes on when the other one has kept the session alive: it lives.
pub(super) async fn a_stopped_sweep_spares_what_was_touched(ctx: &Ctx) -> Outcome {
    let steps = late(watch(ctx, What::Sweep, 2).await?);
    let stop = |number: usize| touched(ctx, steps.get(number));
    race(steps.len(), stop).await?.into_iter().collect()
}

async fn touched(ctx: &Ctx, step: Option<&Step>) -> Outcome {
    let Some(step) = step else { return Ok(()) };
    let (namespace, here) = ctx.open_other().await?;
    let mut sweep = SlowCall::start(ctx, What::Sweep, &namespace, &here, Some((step, "SIGSTOP"))).await?;
    sweep.wait_until_stopped().await;
    let (now, later, Stored { record, revision }) =
        (ctx.now(), shift(end(ctx), 60_000), sweep.created.clone());
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

fn late(mut steps: Vec<Step>) -> Vec<Step> {
    steps.split_off(steps.len().saturating_sub(STEPS_MAX))
}
