//! What must fit to the sessions that are found after a kill.

use session_core::{Key, Store, Stored};

use crate::{ctx::Ctx, fixture::shift, outcome::Outcome};

/// Checks that a sweep spares the session for as long as it lives, and not longer.
pub(super) async fn sweeps_go_by_its_end(
    ctx: &Ctx,
    number: u32,
    store: &dyn Store,
    (key, found): (&Key, &Stored),
    killed: &str,
) -> Outcome {
    let end = found.record.expires_at;
    store.delete_expired(shift(end, -1), usize::MAX).await?;
    ctx.finds(
        number,
        store,
        key,
        shift(end, -1),
        Some(found),
        format!("killed {killed}, swept before its end"),
    )
    .await;
    let swept = store.delete_expired(end, usize::MAX).await.map_err(|error| format!("{error:?}"));
    ctx.same(number, &swept, &Ok(1), format_args!("killed {killed}, how many sessions are swept at its end"));
    Ok(())
}
