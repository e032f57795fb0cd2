//! What a dropped call leaves where sessions have objects, and where there is a cap.

use std::sync::Arc;

use session_core::{Record, Store, Timestamp};

use super::{POLLS_MAX, one_key, victim::Victim};
use crate::{
    ctx::Ctx,
    fixture::{Listener, Patience, Subject, Then, dropped, shift, subject},
    linearize::Recorder,
    outcome::{Outcome, Stop},
};

/// Every kind of call is dropped after every number of polls: a session that is there then has its object, and one that is
/// created under the same key later has none.
pub(super) async fn a_dropped_call_leaves_a_session_with_its_objects(ctx: &Ctx) -> Outcome {
    let (store, now, recorder, mut rng) =
        (ctx.store(), ctx.now(), Recorder::new(ctx.shared_store()), ctx.rng());
    let objects = store.objects().ok_or_else(|| Stop::Failed("there are no objects".to_owned()))?;
    for victim in Victim::ALL.into_iter().filter(|victim| *victim != Victim::Create) {
        for polls in 0..POLLS_MAX {
            let key = one_key(&mut rng);
            let revision = victim.prepare(ctx, &recorder, &key).await?;
            objects.put(&key, "it", Arc::new(polls), now)?;
            let call = victim.call(ctx, &recorder, &key, revision);
            let is_done = dropped(call, Patience { polls, then: Then::DropWhenWoken }).await.is_some();
            let retry = ctx.retry();
            let (is_there, is_whole) = loop {
                let is_there = store.load(&key, now).await?.is_some();
                let is_whole = is_there == objects.get(&key, "it", now).is_some();
                if is_whole || !retry.again().await {
                    break (is_there, is_whole);
                }
            };
            if !ctx.check(
                1,
                is_whole,
                format_args!("after a dropped {victim:?} a session has lost its object"),
            ) {
                return Ok(());
            }
            if is_there {
                store.delete(&key).await?;
            }
            Subject { key, ..subject(ctx) }.create(store, now).await?;
            let found = objects.get(&key, "it", now).is_some();
            ctx.check(2, !found, format_args!("after a dropped {victim:?} an object outlives its session"));
            store.delete(&key).await?;
            if is_done {
                break;
            }
        }
    }
    Ok(())
}

/// Creations are dropped after every number of polls where the cap is reached: as many find room as before, and whoever was
/// evicted is told.
pub(super) async fn dropped_creations_take_up_no_room(ctx: &Ctx) -> Outcome {
    let (store, now, mut rng) = (ctx.open_capped(CAP).await?, ctx.now(), ctx.rng());
    let (listener, keys) = Listener::if_any(CAP)?;
    let mut one = |age: i64| {
        let record = Record { accessed_at: shift(now, -age), ..subject(ctx).record };
        Subject { key: one_key(&mut rng), record }
    };
    for key in &keys {
        Subject { key: *key, ..one(2) }.create(&*store, now).await?;
    }
    for polls in 0..POLLS_MAX {
        let (one, patience) = (one(1), Patience { polls, then: Then::DropWhenWoken });
        if dropped(one.create(&*store, now), patience).await.is_some() {
            break;
        }
    }
    let newest: Vec<Subject> = (0..CAP).map(|_| one(0)).collect();
    // A dropped creation may land now, and it makes room for itself: then there is one to be created again.
    let retry = ctx.retry();
    let are_there = loop {
        let are_there = create_missing(&*store, &newest, now).await?;
        if are_there || !retry.again().await {
            break are_there;
        }
    };
    ctx.check(1, are_there, "after dropped creations there is room for less than the cap says");
    // Those of the beginning are gone, some of them for a creation that was dropped: none was deleted.
    if let Some(listener) = listener.filter(|_| are_there) {
        let retry = ctx.retry();
        while listener.told().len() < keys.len() && retry.again().await {}
        let told = listener.told();
        let untold = keys.iter().filter(|key| !told.contains(key)).count();
        ctx.same(2, &untold, &0, "how many of the evicted were not told, after dropped creations");
    }
    Ok(())
}

/// How many sessions there is room for.
const CAP: usize = 8;

/// Creates those that are not there, and returns whether that was none.
async fn create_missing(store: &dyn Store, sessions: &[Subject], now: Timestamp) -> Outcome<bool> {
    let mut are_there = true;
    for session in sessions {
        if store.load(&session.key, now).await?.is_none() {
            session.create(store, now).await?;
            are_there = false;
        }
    }
    Ok(are_there)
}
