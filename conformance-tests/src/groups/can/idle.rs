//! A future that is begun and then left alone.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
};

use session_core::Key;

use super::{judge, one_key, victim::Victim};
use crate::{
    ctx::Ctx,
    fixture::{Subject, random_keys, subject},
    linearize::Recorder,
    outcome::Outcome,
    rng::Rng,
};

/// A future was polled a few times and then not any more: others go on, with the same session and with others, and
/// when it is polled again it ends as well.
pub(super) async fn a_future_nobody_polls_holds_up_nobody(ctx: &Ctx) -> Outcome {
    let recorder = Recorder::new(ctx.shared_store());
    let mut rng = ctx.rng();
    for victim in Victim::ALL {
        for polls in 1..4 {
            let key = one_key(&mut rng);
            let revision = victim.prepare(ctx, &recorder, &key).await?;
            let mut call = pin!(victim.call(ctx, &recorder, &key, revision));
            let is_done = poll_some(polls, call.as_mut()).await;
            ctx.answered(1, go_on_beside(ctx, &recorder, &key)).await??;
            if !is_done {
                ctx.answered(2, call).await?;
            }
            let _ = ctx.answered(2, recorder.delete(&key)).await?;
            let _ = recorder.load(&key, ctx.now()).await;
        }
    }
    judge(ctx, 3, &recorder)
}

/// Polls a future so many times, without waiting to be woken in between, and returns whether it is done.
async fn poll_some(polls: usize, mut future: Pin<&mut impl Future<Output = ()>>) -> bool {
    poll_fn(|context| Poll::Ready((0..polls).any(|_| future.as_mut().poll(context).is_ready()))).await
}

/// Makes calls for the same session, whatever they answer, and for others, where they are answered `Ok`.
async fn go_on_beside(ctx: &Ctx, recorder: &Recorder, key: &Key) -> Outcome {
    let now = ctx.now();
    for _ in 0..3 {
        if let Ok(Some(found)) = recorder.load(key, now).await {
            let expires_at = found.record.expires_at;
            let _ = recorder.touch(key, found.revision, (now, expires_at), now).await;
        }
    }
    for other in random_keys(&mut Rng::of(ctx.seed(), "others"), 16) {
        let other = Subject { key: other, ..subject(ctx) };
        let stored = other.create(ctx.store(), now).await?;
        let expires_at = stored.record.expires_at;
        ctx.store().touch(&other.key, stored.revision, now, expires_at, now).await?;
        ctx.store().load(&other.key, now).await?;
        ctx.store().delete(&other.key).await?;
    }
    Ok(())
}
