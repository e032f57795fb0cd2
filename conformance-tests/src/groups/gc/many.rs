//! Sweeps that have much to do.

use session_core::Timestamp;

use super::there;
use crate::{
    ctx::Ctx,
    fixture::{crowd, shift},
    outcome::Outcome,
};

/// A sweep that may delete hundreds does: whoever asks for all in one call gets all.
pub(super) async fn one_sweep_deletes_as_many_as_it_may(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    let (end, crowd) = (shift(now, 1_000), crowd(ctx, 11_500));
    let (mut dying, mut living) = (Vec::new(), Vec::new());
    for number in ctx.rounds(130, 11_500) {
        let Some(subject) = crowd.get(number) else { break };
        if number % 10 == 9 {
            living.push((subject.key, subject.expiring(Timestamp::MAX).create(store, now).await?));
        } else {
            subject.expiring(end).create(store, now).await?;
            dying.push(subject.clone());
        }
    }
    if let Some(directory) = store.directory() {
        ctx.lists_show(4, directory, living, end, "with many dead before a sweep").await?;
    }
    let all_but_one = dying.len() - 1;
    let swept = store.delete_expired(end, all_but_one).await?;
    ctx.same(1, &swept, &all_but_one, "how many a sweep deleted that was to leave one");
    ctx.same(2, &there(store, &dying, now).await?, &1, "how many of the dead are left");
    ctx.same(3, &store.delete_expired(end, usize::MAX).await?, &1, "how many the last sweep deleted");
    Ok(())
}
