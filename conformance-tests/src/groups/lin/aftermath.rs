//! What a race leaves behind.

use session_core::{Key, Store, Timestamp};

use crate::{ctx::Ctx, outcome::Outcome};

/// Checks that a race has left nothing but sessions behind: every handle lists and counts what is there, and
/// one sweep finds all of it.
pub(super) async fn lists_and_sweeps_agree(ctx: &Ctx, handles: &[&dyn Store], keys: &[Key]) -> Outcome {
    for store in handles {
        ctx.lists_agree(3, *store, keys.iter(), ctx.now(), "after a race").await?;
    }
    let Some(store) = handles.last() else { return Ok(()) };
    let mut there = 0;
    for key in keys {
        // No client ends anything at the epoch, so that all that is there is live then.
        there += usize::from(store.load(key, Timestamp::EPOCH).await?.is_some());
    }
    let swept = store.delete_expired(Timestamp::MAX, usize::MAX).await?;
    ctx.same(4, &swept, &there, "how many a sweep of all deletes after a race");
    Ok(())
}
