//! A future that moves from task to task.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Waker},
};

use super::{judge, one_key, victim::Victim};
use crate::{
    ctx::Ctx,
    linearize::Recorder,
    outcome::{Outcome, Stop},
};

/// A call wakes whoever polled it last: it ends also when somebody else began it, as in a `select!` that is over.
pub(super) async fn whoever_polled_last_is_woken(ctx: &Ctx) -> Outcome {
    let (recorder, mut rng) = (Recorder::new(ctx.shared_store()), ctx.rng());
    for victim in Victim::ALL.into_iter().cycle().take(4 * Victim::ALL.len()) {
        let key = one_key(&mut rng);
        let revision = victim.prepare(ctx, &recorder, &key).await?;
        let mut call = pin!(victim.call(ctx, &recorder, &key, revision));
        let is_done = call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();
        let ended = is_done || {
            // The timer is looked at first: a call that was ready and woke nobody is polled when the timer wakes, and is late.
            tokio::select! {
                biased;
                () = tokio::time::sleep(ctx.patience()) => false,
                () = &mut call => true,
            }
        };
        if !ctx.check(1, ended, "a call that was polled by two did not wake the second") {
            return Err(Stop::Failed("a call did not end".to_owned()));
        }
        let _ = ctx.answered(2, recorder.delete(&key)).await?;
        let _ = recorder.load(&key, ctx.now()).await;
    }
    judge(ctx, 3, &recorder)
}
