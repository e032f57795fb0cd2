//! Sessions of an owner that are written in step.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use session_core::{Directory, Expect, Key, Owner, Record, Result, Store, Stored, Timestamp};
use tokio::task::yield_now;

use super::instant::Over;
use crate::{
    ctx::Ctx,
    fixture::{race, subject},
    outcome::Outcome,
};

/// How often both sessions are written in a round.
const STEPS: u64 = 40;

/// An owner's list shows each session as it was at the same instant: of two that are written in turn, the second is as the first,
/// or a step behind.
pub(super) async fn a_list_shows_no_session_older_than_another(ctx: &Ctx) -> Outcome {
    let (store, directory, now, ada) = (ctx.store(), ctx.directory()?, ctx.now(), &Owner::new("ada")?);
    let pair = &[0x00, 0xff].map(|byte| Key::from_bytes([byte; Key::BYTES]));
    let record = &Record { owner: Some(ada.clone()), ..subject(ctx).record };
    for _ in ctx.rounds(2, 10_000) {
        let (is_over, lists) = (&AtomicBool::new(false), &[AtomicUsize::new(0), AtomicUsize::new(0)]);
        let seen = race(3, |number| async move {
            let _end = Over(is_over);
            let Some(mine) = number.checked_sub(1).and_then(|number| lists.get(number)) else {
                write_in_step(store, (pair, record), now, lists, is_over).await?;
                return Ok(None);
            };
            look(directory, (ada, now), mine, is_over).await
        });
        for steps in seen.await? {
            let steps: Option<(u64, u64)> = steps?;
            let message = format_args!("sessions that are written in turn are listed at steps {steps:?}");
            ctx.check(1, steps.is_none(), message);
        }
        for key in pair {
            store.delete(key).await?;
        }
    }
    Ok(())
}

/// Writes one session and then the other, and waits for every list that is under way: a store may give up where nobody ever pauses.
async fn write_in_step(
    store: &dyn Store,
    (pair, record): (&[Key; 2], &Record),
    now: Timestamp,
    lists: &[AtomicUsize; 2],
    is_over: &AtomicBool,
) -> Result<()> {
    let mut revisions = [None; 2];
    for step in 0..STEPS {
        let record = Record { data: step.to_le_bytes().to_vec().into(), ..record.clone() };
        for (key, revision) in pair.iter().zip(&mut revisions) {
            let expect = revision.map_or(Expect::Absent, Expect::Revision);
            *revision = Some(store.save(key, &record, expect, now).await?);
        }
        for (list, seen) in lists.iter().map(|list| (list, list.load(Ordering::SeqCst))) {
            while list.load(Ordering::SeqCst) == seen && !is_over.load(Ordering::SeqCst) {
                // Where processors are few, whoever lists may have to wait for this one.
                thread::yield_now();
                yield_now().await;
            }
        }
    }
    Ok(())
}

/// Lists the sessions of an owner until that is over, and returns the steps of two that were never those of both at once.
async fn look(
    directory: &dyn Directory,
    (owner, now): (&Owner, Timestamp),
    lists: &AtomicUsize,
    is_over: &AtomicBool,
) -> Result<Option<(u64, u64)>> {
    let mut wrong = None;
    while !is_over.load(Ordering::SeqCst) {
        let owned = directory.owned_by(owner, now).await?;
        wrong = wrong.or_else(|| out_of_step(&owned));
        lists.fetch_add(1, Ordering::SeqCst);
    }
    Ok(wrong)
}

fn out_of_step(owned: &[(Key, Stored)]) -> Option<(u64, u64)> {
    let step = |stored: &Stored| Some(u64::from_le_bytes(stored.record.data.as_ref().try_into().ok()?));
    let [(_, first), (_, second)] = owned else { return None };
    let (first, second) = (step(first)?, step(second)?);
    (first != second && first != second + 1).then_some((first, second))
}
