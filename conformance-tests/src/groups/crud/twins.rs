//! Sessions with the same record.

use session_core::{Expect, Stored, Timestamp};

use crate::{
    ctx::Ctx,
    fixture::{Subject, crowd, shift},
    outcome::Outcome,
};

/// Sessions whose records are the same byte by byte are as many sessions: whatever is done to one harms no other.
pub(super) async fn sessions_with_the_same_record_are_several(ctx: &Ctx) -> Outcome {
    let (store, now, mut rng) = (ctx.store(), ctx.now(), ctx.rng());
    let crowd = crowd(ctx, 20);
    for (size, twins) in [0, 1, 20, 5_000, 70_000].into_iter().zip(crowd.chunks(4)) {
        let data = rng.bytes(size);
        let mut created = Vec::new();
        for (age, twin) in twins.iter().enumerate() {
            let record = twin.with_data(&data).record;
            // The last one, which is swept, ends first: but for that they are the same.
            let end = if age == 3 { shift(now, 1_000) } else { Timestamp::MAX };
            let twin = Subject { key: twin.key, record }.expiring(end);
            created.push((twin.clone(), twin.create(store, now).await?));
        }
        harm_all_but_the_first(ctx, &created).await?;
        for (twin, _) in created {
            store.delete(&twin.key).await?;
        }
    }
    Ok(())
}

async fn harm_all_but_the_first(ctx: &Ctx, created: &[(Subject, Stored)]) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    let [(first, kept), (saved, at), (deleted, _), _] = created else { return Ok(()) };
    let other = saved.with_data("something else").record;
    store.save(&saved.key, &other, Expect::Revision(at.revision), now).await?;
    ctx.finds(1, store, &first.key, now, Some(kept), "after a save of a session with the same record").await;
    store.delete(&deleted.key).await?;
    ctx.finds(2, store, &first.key, now, Some(kept), "after a delete of a session with the same record")
        .await;
    store.delete_expired(shift(now, 1_000), usize::MAX).await?;
    ctx.finds(3, store, &first.key, now, Some(kept), "after a sweep of a session with the same record").await;
    Ok(())
}
