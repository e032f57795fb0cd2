//! Calls for different sessions at the same time.

use session_core::{Expect, Record, Result, Store, Stored, Timestamp};

use crate::{
    checks::difference,
    ctx::Ctx,
    fixture::{Subject, crowd, race, shift},
    outcome::Outcome,
    rng::Rng,
};

/// Eight threads write sessions of their own and nobody else's, so that each knows what is there: a store that reads many
/// sessions and writes them back together undoes what was written in between.
pub(super) async fn who_is_alone_with_a_session_finds_what_he_wrote(ctx: &Ctx) -> Outcome {
    let (store, now, sessions) = (ctx.store(), ctx.now(), crowd(ctx, 24));
    let mut rng = ctx.rng();
    for _ in ctx.rounds(5, 10_000) {
        let (seed, sessions) = (rng.number(), &sessions);
        let ends = race(8, |number| async move {
            let mine = sessions.iter().skip(number).step_by(8);
            live(store, &mine.collect::<Vec<_>>(), &mut Rng::of(seed, &number.to_string()), now).await
        });
        for end in ends.await? {
            let found = end?;
            ctx.check(
                1,
                found.is_none(),
                format_args!("a session that nobody else wrote: {}", found.unwrap_or_default()),
            );
        }
    }
    Ok(())
}

/// Creates, saves, touches and deletes some sessions, and returns in what one of them was not as it was left.
async fn live(store: &dyn Store, mine: &[&Subject], rng: &mut Rng, now: Timestamp) -> Result<Option<String>> {
    let mut left = vec![None; mine.len()];
    for step in 0..30 {
        let place = rng.index(mine.len());
        let (Some(subject), Some(stored)) = (mine.get(place), left.get_mut(place)) else { continue };
        let found = store.load(&subject.key, now).await?;
        if let Some(difference) = difference(found.as_ref(), stored.as_ref()) {
            return Ok(Some(difference));
        }
        *stored = match stored.take() {
            None => Some(subject.create(store, now).await?),
            Some(old) => step_on(store, subject, old, rng, shift(now, step), now).await?,
        };
    }
    for (subject, stored) in mine.iter().zip(left) {
        let found = store.load(&subject.key, now).await?;
        if let Some(difference) = difference(found.as_ref(), stored.as_ref()) {
            return Ok(Some(difference));
        }
        store.delete(&subject.key).await?;
    }
    Ok(None)
}

/// Saves, touches or deletes a session, and returns what is there then.
async fn step_on(
    store: &dyn Store,
    subject: &Subject,
    mut stored: Stored,
    rng: &mut Rng,
    accessed_at: Timestamp,
    now: Timestamp,
) -> Result<Option<Stored>> {
    match rng.below(4) {
        0 => {
            store.delete(&subject.key).await?;
            return Ok(None);
        }
        1 => {
            let len = rng.index(100);
            stored.record = Record { accessed_at, ..subject.with_data(rng.bytes(len)).record };
            let expect = Expect::Revision(stored.revision);
            stored.revision = store.save(&subject.key, &stored.record, expect, now).await?;
        }
        _ => {
            let end = stored.record.expires_at;
            stored.revision = store.touch(&subject.key, stored.revision, accessed_at, end, now).await?;
            stored.record.accessed_at = accessed_at;
        }
    }
    Ok(Some(stored))
}
