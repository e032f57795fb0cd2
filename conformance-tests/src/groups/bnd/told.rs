//! Who is told of.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use session_core::{Error, Expect, Key, Record, Result, Store, Timestamp};
use tokio::runtime::Handle;

use super::ends::the_last_end_says_who_was_evicted;
use crate::{
    ctx::Ctx,
    fixture::{Bystander, Idle, Listener, Subject, crowd, owner, race, shift},
    outcome::Outcome,
};

/// Whoever lives and has to make room is told, once, with his own key; the dead are not, and neither is whoever ends otherwise.
/// When somebody hears it, the session is gone, and no lock is held for as long as he takes: others load and write.
pub(super) async fn the_evicted_are_told_and_nobody_else(ctx: &Ctx) -> Outcome {
    let (listener, keys) = Listener::of_keys(20)?;
    let (now, late) = (ctx.now(), shift(ctx.now(), 10));
    for (max, many) in [(6, keys.get(..12)), (1, keys.get(12..))] {
        let (store, all) = (ctx.open_capped(max).await?, ranked(ctx, many.unwrap_or_default()));
        let anchor = Anchor::default();
        let (looks, shared) = (look_when_told(ctx, &listener, &store, &anchor, late), &store);
        let store = &**shared;
        let mut expected = listener.told();
        for (number, subject) in all.iter().enumerate() {
            if max > 1 && number > 0 {
                // Of several, the one before is not the next to go.
                let taken = all.get(number - 1).ok_or(Error::Missing)?;
                let bystander = Bystander::new(ctx, shared, taken, late);
                *anchor.lock().unwrap_or_else(PoisonError::into_inner) = Some(bystander);
            }
            // The first ones live for ten milliseconds, and nobody comes before those are over.
            subject.create(store, if number < max { now } else { late }).await?;
            let evicted = number.checked_sub(max).and_then(|gone| all.get(gone));
            expected.extend(evicted.filter(|gone| gone.record.is_live(late)).map(|gone| gone.key));
            if !are_told(ctx, 1, &listener, &expected, "after one more came").await {
                return Ok(());
            }
        }
        end_otherwise(store, &all, late).await?;
        are_told(ctx, 2, &listener, &expected, "after sessions ended otherwise, and made room").await;
        let looks = looks.lock().unwrap_or_else(PoisonError::into_inner);
        ctx.check(3, !looks.contains(&Look::NeverEnded), "a load waits until the evicted were told");
        ctx.check(4, !looks.contains(&Look::Found), "a session was told as evicted before it was gone");
        for (number, write) in [(5, Idle::Create), (6, Idle::Delete), (7, Idle::Sweep)] {
            let words = format_args!("a {write:?} of others waits until the evicted were told");
            ctx.check(number, !looks.contains(&Look::HoldsUp(write)), words);
        }
    }
    the_last_end_says_who_was_evicted(ctx).await
}

/// What somebody sees who loads a session when he is told that it was evicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Nothing,
    /// The session, or an error.
    Found,
    NeverEnded,
    /// A write of somebody else.
    HoldsUp(Idle),
}

type Looks = Arc<Mutex<Vec<Look>>>;

/// Somebody else who writes, where there is a session that lives while others are evicted.
type Anchor = Arc<Mutex<Option<Bystander>>>;

/// Has whoever is told load the session, from a thread of its own, and wait for it, and then for writes of others; returns what
/// they see.
fn look_when_told(
    ctx: &Ctx,
    listener: &Listener,
    store: &Arc<dyn Store>,
    anchor: &Anchor,
    now: Timestamp,
) -> Looks {
    let looks = Looks::default();
    let (store, seen) = (Arc::clone(store), Arc::clone(&looks));
    let (handle, patience) = (Handle::current(), ctx.patience());
    let anchor = Arc::clone(anchor);
    listener.when_told(move |key| {
        let seen = || seen.lock().unwrap_or_else(PoisonError::into_inner);
        // To wait in vain once is enough.
        if seen().iter().any(|look| matches!(look, Look::NeverEnded | Look::HoldsUp(_))) {
            return;
        }
        let ((answer, answered), key) = (mpsc::channel(), *key);
        let (store, handle) = (Arc::clone(&store), handle.clone());
        thread::spawn(move || {
            let is_gone = matches!(handle.block_on(store.load(&key, now)), Ok(None));
            // Nobody may be waiting any more.
            let _ = answer.send(if is_gone { Look::Nothing } else { Look::Found });
        });
        let look = answered.recv_timeout(patience).unwrap_or(Look::NeverEnded);
        seen().push(look);
        let bystander = anchor.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(bystander) = bystander.filter(|_| look != Look::NeverEnded) {
            seen().extend(bystander.held_up().into_iter().map(Look::HoldsUp));
        }
    });
    looks
}

/// Sessions in the order in which they must go: the first two are soon dead, and the first third has no owner.
fn ranked(ctx: &Ctx, keys: &[Key]) -> Vec<Subject> {
    let ranks = keys.iter().zip(crowd(ctx, keys.len())).zip(-1_000..).enumerate();
    let made = ranks.map(|(number, ((key, subject), accessed))| {
        let record = Record {
            owner: owner("ada").filter(|_| number >= keys.len() / 3),
            accessed_at: shift(ctx.now(), accessed),
            expires_at: shift(ctx.now(), if number < 2 { 5 } else { 3_600_000 }),
            ..subject.record
        };
        Subject { key: *key, record }
    });
    made.collect()
}

/// Ends the session that came last in every way but by an eviction, and tries what must not end one.
async fn end_otherwise(store: &dyn Store, all: &[Subject], now: Timestamp) -> Outcome {
    let last = all.last().ok_or(Error::Missing)?;
    // What this is answered is the matter of other cases.
    let _ = last.create(store, now).await;
    let found = store.load(&last.key, now).await?.ok_or(Error::Missing)?;
    let saved = store.save(&last.key, &last.record, Expect::Revision(found.revision), now).await?;
    store.touch(&last.key, saved, now, shift(now, 10), now).await?;
    store.delete_expired(shift(now, 10), usize::MAX).await?;
    last.create(store, now).await?;
    store.delete(&last.key).await?;
    last.create(store, now).await?;
    Ok(())
}

/// Checks who was told by now. A store may tell from a thread of its own, a moment after it answered.
pub(super) async fn are_told(
    ctx: &Ctx,
    number: u32,
    listener: &Listener,
    expected: &[Key],
    what: &str,
) -> bool {
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    let told = || {
        let mut told = listener.told();
        told.sort_unstable();
        told
    };
    let retry = ctx.retry();
    while told().len() < expected.len() && retry.again().await {}
    ctx.same(number, &told(), &expected, format_args!("who was told as evicted {what}"))
}

/// Of sessions that many threads create, those that are gone in the end were told, each once, and those that are there were not.
pub(super) async fn after_a_race_those_that_are_gone_were_told(ctx: &Ctx) -> Outcome {
    for _ in ctx.rounds(1, 5) {
        let (now, (listener, keys)) = (ctx.now(), Listener::of_keys(80)?);
        let all: Vec<Subject> =
            keys.iter().zip(crowd(ctx, 80)).map(|(key, one)| Subject { key: *key, ..one }).collect();
        let (store, all) = (&*ctx.open_capped(5).await?, &all);
        let ends = race(8, |number| async move {
            for subject in all.iter().skip(number * 10).take(10) {
                subject.create(store, now).await?;
            }
            Ok(())
        });
        ends.await?.into_iter().collect::<Result<()>>()?;
        let mut gone = BTreeSet::new();
        for key in &keys {
            gone.extend(store.load(key, now).await?.is_none().then_some(*key));
        }
        are_told(ctx, 1, &listener, &gone.into_iter().collect::<Vec<_>>(), "after a race").await;
    }
    Ok(())
}
