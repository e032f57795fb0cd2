//! A cap that two handles keep.

use super::there;
use crate::{ctx::Ctx, fixture::used_in_turn, outcome::Outcome};

/// What one handle evicts is gone for the other one too, and what one deletes makes room for the other, once that has swept:
/// a store may count with a sweep what others do.
pub(super) async fn two_handles_make_room_for_each_other(ctx: &Ctx) -> Outcome {
    let now = ctx.now();
    for _ in 0..3 {
        let (namespace, all) = (ctx.new_namespace()?, used_in_turn::<4>(ctx));
        let [a, b, c, d] = &all;
        let one = &*ctx.open_with(&namespace, Some(2)).await?;
        a.create(one, now).await?;
        b.create(one, now).await?;
        one.load(&a.key, now).await?;
        let two = &*ctx.open_with(&namespace, Some(2)).await?;
        c.create(two, now).await?;
        ctx.finds(1, one, &a.key, now, None, "evicted by another handle").await;
        ctx.finds(2, two, &a.key, now, None, "created by another handle, and evicted").await;
        ctx.same(3, &there(two, &all, now).await?, &vec![1, 2], "who is there after a handle has evicted");
        one.delete(&c.key).await?;
        two.delete_expired(now, usize::MAX).await?;
        d.create(two, now).await?;
        ctx.same(4, &there(one, &all, now).await?, &vec![1, 3], "who is there after another handle deleted");
    }
    Ok(())
}
