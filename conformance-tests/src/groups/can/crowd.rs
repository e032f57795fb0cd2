//! Many who give up.

use std::time::Duration;

use session_core::{Expect, Key, Result, Store, Timestamp};
use tokio::task::JoinSet;

use super::{judge, look_at_all, victim::Victim};
use crate::{
    ctx::Ctx,
    fixture::{Patience, Subject, dropped, race, random_keys, subject},
    linearize::{Client, Mix, Recorder},
    outcome::{Outcome, Stop},
    rng::Rng,
};

/// How many threads drop calls.
const DROPPERS: usize = 20;
/// How many sessions each of them has.
const SESSIONS: usize = 20;
/// How many calls on each session are dropped: together 500 of each kind, more than a pool has permits.
const CALLS: usize = 8;

/// After thousands of dropped calls as many can be made at once as before: no lock, permit or connection is gone.
pub(super) async fn thousands_of_dropped_calls_take_nothing_with_them(ctx: &Ctx) -> Outcome {
    let recorder = Recorder::new(ctx.shared_store());
    let rng = ctx.rng();
    let droppers = race(DROPPERS, |name| {
        let (recorder, rng) = (recorder.clone(), Rng::of(rng.clone().number(), &format!("dropper {name}")));
        drop_many(ctx, recorder, rng)
    });
    droppers.await?.into_iter().collect::<Outcome>()?;
    let mut crowd = JoinSet::new();
    for key in random_keys(&mut ctx.rng(), 256) {
        let subject = Subject { key, ..subject(ctx) };
        let (store, now) = (ctx.shared_store(), ctx.now());
        crowd.spawn(async move { whole_life(&*store, &subject, now).await });
    }
    while let Some(end) = ctx.answered(2, crowd.join_next()).await? {
        let end = end.map_err(|error| Stop::Failed(format!("a task panicked: {error}")))?;
        ctx.check(3, end.is_ok(), format_args!("a call after the dropped ones was answered {end:?}"));
    }
    look_at_all(ctx, &recorder).await?;
    judge(ctx, 1, &recorder)
}

/// Drops calls on keys of its own, those on one key of one kind, and sweeps.
async fn drop_many(ctx: &Ctx, recorder: Recorder, mut rng: Rng) -> Outcome {
    for (number, key) in random_keys(&mut rng, SESSIONS).into_iter().enumerate() {
        // A session that a sweep finds dead would be swept by the others, too. These find none.
        for _ in 0..2 {
            let (sweep, patience) =
                (ctx.store().delete_expired(Timestamp::EPOCH, 1), Patience::random(&mut rng));
            ctx.answered(2, dropped(sweep, Patience { polls: patience.polls + 1, ..patience })).await?;
        }
        let victims =
            [Victim::Load, Victim::Create, Victim::Save, Victim::Touch, Victim::Delete, Victim::List];
        let Some(victim) = victims.get(number % victims.len()) else { continue };
        let prepared = ctx.answered(2, victim.prepare(ctx, &recorder, &key)).await?;
        ctx.check(
            3,
            prepared.is_ok(),
            format_args!("between dropped calls a creation ended in {prepared:?}"),
        );
        let revision = prepared?;
        for _ in 0..CALLS {
            let call = victim.call(ctx, &recorder, &key, revision);
            let mut patience = Patience::random(&mut rng);
            patience.polls += 1;
            ctx.answered(2, dropped(call, patience)).await?;
        }
        ctx.answered(2, recorder.delete(&key)).await?.map_err(Stop::from)?;
        let _ = ctx.answered(2, recorder.load(&key, ctx.now())).await?;
    }
    Ok(())
}

/// Makes every call there is, in a row.
async fn whole_life(store: &dyn Store, subject: &Subject, now: Timestamp) -> Result<()> {
    let Subject { key, record } = subject;
    let first = store.save(key, record, Expect::Absent, now).await?;
    let second = store.save(key, record, Expect::Revision(first), now).await?;
    store.touch(key, second, now, record.expires_at, now).await?;
    store.load(key, now).await?;
    store.delete_expired(Timestamp::EPOCH, 1).await?;
    if let Some(directory) = store.directory() {
        directory.page(Some(key), 1, now).await?;
        directory.count(now).await?;
        if let Some(owner) = &record.owner {
            directory.owned_by(owner, now).await?;
        }
    }
    store.delete(key).await
}

/// Four threads make 40 calls each and give up a third of them.
pub(super) async fn clients_that_give_up_see_one_order(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for round in ctx.rounds(10, 200) {
        let keys = random_keys(&mut rng, 1);
        let recorder = Recorder::new(ctx.shared_store());
        // A sweep that was dropped in an earlier round may still go on: what this one creates outlives its time.
        let start = ctx.now() + Duration::from_millis(10 * round as u64);
        let work = |name| give_up(ctx, Client::new(&recorder, (&rng, name), Mix::ShortLived, &keys, start));
        race(4, work).await?.into_iter().collect::<Outcome>()?;
        look_and_delete(ctx, &recorder, &keys).await?;
        judge(ctx, 1, &recorder)?;
    }
    Ok(())
}

async fn give_up(ctx: &Ctx, mut client: Client) -> Outcome {
    for _ in 0..40 {
        if client.rng.below(3) == 0 {
            let patience = Patience::random(&mut client.rng);
            ctx.answered(2, dropped(client.call(), patience)).await?;
        } else {
            // The answer is in the history.
            let _ = ctx.answered(2, client.call()).await?;
        }
    }
    Ok(())
}

async fn look_and_delete(ctx: &Ctx, recorder: &Recorder, keys: &[Key]) -> Outcome {
    for key in keys {
        let _ = recorder.load(key, ctx.now()).await;
        ctx.answered(2, recorder.delete(key)).await?.map_err(Stop::from)?;
        let _ = recorder.load(key, ctx.now()).await;
    }
    Ok(())
}
