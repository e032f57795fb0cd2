//! Many sessions at once.

use session_core::{Owner, Store};

use crate::{ctx::Ctx, fixture::crowd, outcome::Outcome};

/// Many sessions are all there, listed and counted, and when half of them are deleted, the other half is.
pub(super) async fn many_sessions_are_all_there(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    let mut kept = Vec::new();
    let crowd = crowd(ctx, 10_100);
    for number in ctx.rounds(200, 10_100) {
        let Some(subject) = crowd.get(number) else { break };
        kept.push((subject.key, subject.create(store, now).await?));
    }
    for (key, stored) in &kept {
        ctx.finds(1, store, key, now, Some(stored), "one of many").await;
    }
    lists_show_all(ctx, store, kept.len()).await?;
    for (key, _) in kept.iter().step_by(2) {
        store.delete(key).await?;
    }
    for (number, (key, stored)) in kept.iter().enumerate() {
        let expected = (number % 2 == 1).then_some(stored);
        ctx.finds(2, store, key, now, expected, "one of many, half of which were deleted").await;
    }
    Ok(())
}

/// Checks that so many sessions are counted, on pages and in their owner's list, where the store has lists.
async fn lists_show_all(ctx: &Ctx, store: &dyn Store, all: usize) -> Outcome {
    let (Some(directory), now) = (store.directory(), ctx.now()) else { return Ok(()) };
    ctx.same(3, &directory.count(now).await?, &(all as u64), "the count of many");
    let (mut listed, mut after) = (0, None);
    // A store that gives the same page for ever must not hold up the case.
    for _ in 0..1_000 {
        let page = directory.page(after.as_ref(), 1_000, now).await?;
        let Some((last, _)) = page.last() else { break };
        (listed, after) = (listed + page.len(), Some(*last));
    }
    ctx.same(4, &listed, &all, "how many of many are on pages of a thousand");
    let owned = directory.owned_by(&Owner::new("ada")?, now).await?.len();
    // Every third of the crowd is ada's.
    ctx.same(5, &owned, &(all / 3), "how many of many their owner has");
    Ok(())
}
