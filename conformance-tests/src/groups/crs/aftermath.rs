//! What must fit to the sessions that are found after a kill.

use session_core::{Key, Owner, Store, Stored, Timestamp};

use crate::{
    ctx::{Ctx, directory_of},
    fixture::shift,
    outcome::Outcome,
};

/// Checks that pages, owners and counts show what loads find, and nothing else.
pub(super) async fn directory_agrees<'a>(
    ctx: &Ctx,
    number: u32,
    store: &dyn Store,
    keys: impl Iterator<Item = &'a Key>,
    now: Timestamp,
    killed: &str,
) -> Outcome {
    if !ctx.caps().directory {
        return Ok(());
    }
    let (directory, mut there) = (directory_of(store)?, Vec::new());
    for key in keys {
        there.extend(store.load(key, now).await.ok().flatten().map(|found| (*key, found)));
    }
    there.sort_by_key(|(key, _)| *key);
    let page = directory.page(None, there.len() + 1, now).await;
    ctx.check(
        number,
        page.as_ref().is_ok_and(|page| *page == there),
        format_args!("killed {killed}, a page differs"),
    );
    let count = directory.count(now).await;
    let is_right = count.as_ref().is_ok_and(|count| *count == there.len() as u64);
    ctx.check(
        number,
        is_right,
        format_args!("killed {killed}, {} sessions are counted: {count:?}", there.len()),
    );
    for name in ["ada", "grace"] {
        let owner = Owner::new(name)?;
        let mut owned = there.clone();
        owned.retain(|(_, stored)| stored.record.owner.as_ref() == Some(&owner));
        let listed = directory.owned_by(&owner, now).await;
        let is_right = listed.as_ref().is_ok_and(|listed| *listed == owned);
        let words = listed.map(|listed| listed.len());
        let message =
            format_args!("killed {killed}, an owner of {} sessions is said to have {words:?}", owned.len());
        ctx.check(number, is_right, message);
    }
    Ok(())
}

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
