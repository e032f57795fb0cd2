//! What is known of a session besides its record, after a call that was dropped.

use std::collections::BTreeMap;

use session_core::{Directory, Key, Store, Stored, Timestamp};

use super::{POLLS_MAX, one_key, victim::Victim};
use crate::{
    ctx::Ctx,
    fixture::{Patience, Then, dropped, owner, shift},
    linearize::Recorder,
    outcome::Outcome,
};

/// Every kind of call is dropped after every number of polls. Lists, counts and owners' lists then tell of the sessions that
/// loads find, and of no others: a store that keeps them beside the records changes both, or neither.
pub(super) async fn what_a_dropped_call_leaves_is_listed(ctx: &Ctx) -> Outcome {
    let (directory, now) = (ctx.directory()?, ctx.now());
    for _ in ctx.rounds(1, 5) {
        let keys = drop_one_of_each(ctx).await?;
        let retry = ctx.retry();
        let (page, owned, count) = loop {
            let loaded = load_all(ctx.store(), &keys, now).await?;
            let agree = lists(directory, &loaded, now).await?;
            if agree == (true, true, true) || !retry.again().await {
                break agree;
            }
        };
        ctx.check(1, page, "after dropped calls a page is not what loads find");
        ctx.check(2, owned, "after dropped calls an owner's list is not what loads find");
        ctx.check(3, count, "after dropped calls the count is not how many loads find");
        for key in &keys {
            ctx.store().delete(key).await?;
        }
    }
    Ok(())
}

/// Every kind of call is dropped after every number of polls. A sweep then deletes what loads find dead, and nothing else: a
/// store that keeps the ends beside the records changes both, or neither.
pub(super) async fn what_a_dropped_call_leaves_is_swept(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    // An hour is what sessions live that no call has touched.
    let later = shift(now, 3_600_000);
    for _ in ctx.rounds(1, 5) {
        let keys = drop_one_of_each(ctx).await?;
        let before = load_all(store, &keys, later).await?;
        let retry = ctx.retry();
        let (after, is_swept) = loop {
            store.delete_expired(later, usize::MAX).await?;
            let left = load_all(store, &keys, now).await?;
            let is_swept = left.values().all(|stored| stored.record.is_live(later));
            if is_swept || !retry.again().await {
                break (left, is_swept);
            }
        };
        ctx.check(1, is_swept, "after dropped calls a sweep leaves what is dead");
        ctx.check(
            2,
            before.keys().all(|key| after.contains_key(key)),
            "after dropped calls a sweep deletes what lives",
        );
        for key in &keys {
            store.delete(key).await?;
        }
    }
    Ok(())
}

/// Drops a call of each kind after each number of polls, and returns the keys that were used.
async fn drop_one_of_each(ctx: &Ctx) -> Outcome<Vec<Key>> {
    let (recorder, mut rng, mut keys) = (Recorder::new(ctx.shared_store()), ctx.rng(), Vec::new());
    for victim in Victim::ALL {
        for then in [Then::DropAtOnce, Then::DropWhenWoken] {
            for polls in 0..POLLS_MAX {
                let key = one_key(&mut rng);
                keys.push(key);
                let revision = victim.prepare(ctx, &recorder, &key).await?;
                let call = victim.call(ctx, &recorder, &key, revision);
                if dropped(call, Patience { polls, then }).await.is_some() {
                    break;
                }
            }
        }
    }
    Ok(keys)
}

async fn load_all(store: &dyn Store, keys: &[Key], now: Timestamp) -> Outcome<BTreeMap<Key, Stored>> {
    let mut loaded = BTreeMap::new();
    for key in keys {
        loaded.extend(store.load(key, now).await?.map(|stored| (*key, stored)));
    }
    Ok(loaded)
}

/// Returns whether the page, the owners' lists and the count are those of `loaded`.
async fn lists(
    directory: &dyn Directory,
    loaded: &BTreeMap<Key, Stored>,
    now: Timestamp,
) -> Outcome<(bool, bool, bool)> {
    let page = directory.page(None, usize::MAX, now).await?;
    let mut is_owned = true;
    for owner in ["before", "dropped"].into_iter().filter_map(owner) {
        let owned = directory.owned_by(&owner, now).await?;
        let expected = loaded.iter().filter(|(_, stored)| stored.record.owner.as_ref() == Some(&owner));
        is_owned &= owned.iter().map(|(key, stored)| (key, stored)).eq(expected);
    }
    let is_page = page.iter().map(|(key, stored)| (key, stored)).eq(loaded);
    Ok((is_page, is_owned, directory.count(now).await? == loaded.len() as u64))
}
