//! A future that is begun and then left alone.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
};

use session_core::{Expect, Key, Timestamp};

use super::{
    judge, one_key,
    victim::{Victim, list},
};
use crate::{
    ctx::Ctx,
    fixture::{Subject, random_keys, subject},
    linearize::Recorder,
    outcome::Outcome,
    rng::Rng,
};

/// How often a future is polled before it is left alone, and when.
#[derive(Clone, Copy)]
enum Polled {
    /// So many times, one right after the other.
    AtOnce(usize),
    /// So many times, each when it was woken: as far as it had come when whoever awaits it turned to something else.
    WhenWoken(usize),
}

/// How many polls a future is taken through at most.
const POLLS_MAX: usize = 8;

/// A future was polled a few times and then not any more: others go on, with the same session and with others, and
/// when it is polled again it ends as well.
pub(super) async fn a_future_nobody_polls_holds_up_nobody(ctx: &Ctx) -> Outcome {
    let recorder = Recorder::new(ctx.shared_store());
    let (mut rng, mut more) = (ctx.rng(), ctx.rounds(3 * Victim::ALL.len(), usize::MAX));
    for victim in Victim::ALL {
        for polls in 1..4 {
            leave_alone(ctx, &recorder, victim, Polled::AtOnce(polls), &mut rng).await?;
        }
        for polls in 2..=POLLS_MAX {
            // What a store awaits comes at the beginning; where one takes its time, later moments are left out.
            if polls > 4 && more.next().is_none() {
                break;
            }
            let is_done = leave_alone(ctx, &recorder, victim, Polled::WhenWoken(polls), &mut rng).await?;
            if is_done {
                break;
            }
        }
    }
    judge(ctx, 3, &recorder)
}

/// Leaves a call alone, makes others, and then ends it. Returns whether it was done before.
async fn leave_alone(
    ctx: &Ctx,
    recorder: &Recorder,
    victim: Victim,
    polled: Polled,
    rng: &mut Rng,
) -> Outcome<bool> {
    let others = match polled {
        Polled::AtOnce(_) => 16,
        Polled::WhenWoken(_) => 4,
    };
    let key = one_key(rng);
    let revision = victim.prepare(ctx, recorder, &key).await?;
    let mut call = pin!(victim.call(ctx, recorder, &key, revision));
    let is_done = ctx.answered(2, poll_some(polled, call.as_mut())).await?;
    ctx.answered(1, go_on_beside(ctx, recorder, &key, others)).await??;
    if !is_done {
        ctx.answered(2, call).await?;
    }
    let _ = ctx.answered(2, recorder.delete(&key)).await?;
    let _ = recorder.load(&key, ctx.now()).await;
    Ok(is_done)
}

/// Polls a future, and returns whether it is done.
async fn poll_some(polled: Polled, mut future: Pin<&mut impl Future<Output = ()>>) -> bool {
    let mut polls = 0;
    poll_fn(|context| match polled {
        Polled::AtOnce(times) => Poll::Ready((0..times).any(|_| future.as_mut().poll(context).is_ready())),
        Polled::WhenWoken(times) => {
            polls += 1;
            match future.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(true),
                Poll::Pending if polls == times => Poll::Ready(false),
                Poll::Pending => Poll::Pending,
            }
        }
    })
    .await
}

/// Makes calls for the same session, whatever they answer, and for so many others, where they are answered `Ok`.
async fn go_on_beside(ctx: &Ctx, recorder: &Recorder, key: &Key, others: usize) -> Outcome {
    let now = ctx.now();
    for _ in 0..3 {
        if let Ok(Some(found)) = recorder.load(key, now).await {
            let expires_at = found.record.expires_at;
            let _ = recorder.touch(key, found.revision, (now, expires_at), now).await;
        }
    }
    if let Ok(Some(found)) = recorder.load(key, now).await {
        let _ = recorder.save(key, &found.record, Expect::Revision(found.revision), now).await;
    }
    // It finds nobody dead, and takes what sweeps take.
    ctx.store().delete_expired(Timestamp::EPOCH, usize::MAX).await?;
    list(ctx.store(), now).await;
    for other in random_keys(&mut Rng::of(ctx.seed(), "others"), others) {
        let other = Subject { key: other, ..subject(ctx) };
        let stored = other.create(ctx.store(), now).await?;
        let expires_at = stored.record.expires_at;
        ctx.store().touch(&other.key, stored.revision, now, expires_at, now).await?;
        ctx.store().load(&other.key, now).await?;
        ctx.store().delete(&other.key).await?;
    }
    Ok(())
}
