//! Caps that change from one opening to the next.

use crate::{ctx::Ctx, fixture::crowd, outcome::Outcome};

/// How many sessions there may be is what the last opening says: more than before, any number, or fewer.
pub(super) async fn the_last_opening_decides_how_many_there_may_be(ctx: &Ctx) -> Outcome {
    let (namespace, now, crowd) = (ctx.new_namespace()?, ctx.now(), crowd(ctx, 12));
    let mut newcomers = crowd.iter();
    // Each opening with its cap, how many are created then, and how many there are in the end.
    let openings = [(1, Some(4), 4, 4), (1, Some(6), 2, 6), (2, None, 5, 11), (3, Some(3), 1, 3)];
    for (number, cap, created, expected) in openings {
        let store = ctx.open_with(&namespace, cap).await?;
        for subject in newcomers.by_ref().take(created) {
            subject.create(&*store, now).await?;
        }
        let mut there = 0;
        for subject in &crowd {
            there += usize::from(store.load(&subject.key, now).await?.is_some());
        }
        let what = format!("how many there are when {created} were created, opened with a cap of {cap:?}");
        ctx.same(number, &there, &expected, what);
    }
    Ok(())
}
