//! What a race leaves behind.

use session_core::{Key, Store, Timestamp};

use crate::{ctx::Ctx, fixture::shift, outcome::Outcome};

/// Checks that a race has left nothing but sessions behind: every handle lists and counts what is there, and
/// one sweep finds all of it.
pub(super) async fn lists_and_sweeps_agree(ctx: &Ctx, handles: &[&dyn Store], keys: &[Key]) -> Outcome {
    for store in handles {
        ctx.lists_agree(3, *store, keys.iter(), ctx.now(), "after a race").await?;
    }
    let Some(store) = handles.last() else { return Ok(()) };
    let mut ends = Vec::new();
    for key in keys {
        // No client ends anything at the epoch, so that all that is there is live then.
        ends.extend(store.load(key, Timestamp::EPOCH).await?.map(|stored| stored.record.expires_at));
    }
    sweeps_go_by_the_ends(ctx, *store, &mut ends).await?;
    let swept = store.delete_expired(Timestamp::MAX, usize::MAX).await?;
    ctx.same(4, &swept, &ends.len(), "how many a sweep of all deletes after a race");
    Ok(())
}

/// Checks that sweeps find each session at the end that loads show, and not a millisecond before; takes the ends of what they
/// delete out, and leaves one at most.
async fn sweeps_go_by_the_ends(ctx: &Ctx, store: &dyn Store, ends: &mut Vec<Timestamp>) -> Outcome {
    ends.sort_unstable_by(|one, two| two.cmp(one));
    while let Some(end) = ends.last().copied().filter(|_| ends.len() > 1) {
        let swept = store.delete_expired(shift(end, -1), usize::MAX).await?;
        ctx.same(5, &swept, &0, "how many a sweep deletes before any of those that a race left ends");
        let dead = ends.extract_if(.., |other| *other == end).count();
        let swept = store.delete_expired(end, usize::MAX).await?;
        ctx.same(5, &swept, &dead, "how many of those that a race left a sweep deletes at their end");
    }
    Ok(())
}
