//! Ends that were moved, where it is told who was evicted.

use session_core::{Expect, Key, Store, Timestamp};

use super::told::are_told;
use crate::{
    ctx::Ctx,
    fixture::{Listener, Subject, shift, used_in_turn},
    outcome::Outcome,
};

/// Whether a session lives when it makes room is decided by its last end, wherever a touch or a save has moved that since it
/// was created.
pub(super) async fn the_last_end_says_who_was_evicted(ctx: &Ctx) -> Outcome {
    let (now, late) = (ctx.now(), shift(ctx.now(), 10));
    let (soon, far) = (shift(now, 5), shift(now, 3_600_000));
    for by_save in [false, true] {
        let (listener, keys) = Listener::of_keys(4)?;
        let store = &*ctx.open_capped(2).await?;
        let [living, dead, one, two] = four(ctx, &keys);
        for (subject, first, last) in [(&living, soon, far), (&dead, far, soon)] {
            create_and_move(store, &subject.expiring(first), last, by_save, now).await?;
        }
        one.create(store, late).await?;
        two.create(store, late).await?;
        are_told(ctx, 8, &listener, &[living.key], "after ends were moved").await;
    }
    Ok(())
}

async fn create_and_move(
    store: &dyn Store,
    subject: &Subject,
    last: Timestamp,
    by_save: bool,
    now: Timestamp,
) -> Outcome {
    let (key, revision) = (&subject.key, subject.create(store, now).await?.revision);
    if by_save {
        let record = subject.expiring(last).record;
        store.save(key, &record, Expect::Revision(revision), now).await?;
    } else {
        store.touch(key, revision, subject.record.accessed_at, last, now).await?;
    }
    Ok(())
}

/// Four sessions without an owner under these keys, each used later than the one before.
fn four(ctx: &Ctx, keys: &[Key]) -> [Subject; 4] {
    let mut four = used_in_turn(ctx);
    four.iter_mut().zip(keys).for_each(|(subject, key)| subject.key = *key);
    four
}
