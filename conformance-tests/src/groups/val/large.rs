//! Data that are far beyond what a session should have, or too much for one step.

use session_core::{Error, Expect, Key, Outcome as Known, Record, Result, Revision, Stored};

use crate::{
    ctx::Ctx,
    fixture::{Neighbours, Subject, owner, race, shift, subject, touched},
    outcome::Outcome,
};

/// Sizes behind the places where columns, packets and lengths of three bytes end.
const SIZES: [usize; 3] = [(2 << 20) + 1, (6 << 20) + 5, (16 << 20) + 7];

/// Data of many mebibytes are kept whole, or refused: then nothing was changed, and the store goes on as before.
pub(super) async fn what_is_too_large_is_refused_and_nothing_lost(ctx: &Ctx) -> Outcome {
    let (store, now, small) = (ctx.store(), ctx.now(), subject(ctx));
    let end = shift(now, 1);
    let neighbours = Neighbours::around(&small.key, store, now).await?;
    // A block of a prime length lies nowhere as it lay before, and costs less than that many random bytes.
    let block = ctx.rng().bytes(4_093);
    for size in SIZES {
        let mut data = block.repeat(size / block.len() + 1);
        data.truncate(size);
        let large = small.with_data(data);
        let large = Subject { record: Record { owner: owner("large"), ..large.record }, ..large };
        let created = store.save(&large.key, &large.record, Expect::Absent, now).await;
        let kept = is_kept_or_refused(ctx, 1, &created, size);
        let whole = kept.map(|revision| large.at(revision));
        ctx.finds(2, store, &large.key, now, whole.as_ref(), format!("{size} bytes, created")).await;
        store.delete(&large.key).await?;
        ctx.finds(3, store, &large.key, now, None, format!("{size} bytes, deleted")).await;
        let dying = large.expiring(end).record;
        let created = store.save(&large.key, &dying, Expect::Absent, now).await;
        if is_kept_or_refused(ctx, 1, &created, size).is_some() {
            let swept = store.delete_expired(end, usize::MAX).await?;
            ctx.same(13, &swept, &1, format!("how many a sweep deleted where {size} bytes were dead"));
            ctx.finds(14, store, &large.key, now, None, format!("{size} bytes, swept")).await;
        }

        let first = small.create(store, now).await?;
        let saved = store.save(&small.key, &large.record, Expect::Revision(first.revision), now).await;
        let kept = is_kept_or_refused(ctx, 4, &saved, size);
        let found = kept.map_or_else(|| first.clone(), |revision| large.at(revision));
        ctx.finds(5, store, &small.key, now, Some(&found), format!("{size} bytes, saved over others")).await;
        if let (Some(directory), Some(owner)) = (store.directory(), &found.record.owner) {
            let owned = directory.owned_by(owner, now).await?;
            let is_listed = owned == [(small.key, found.clone())];
            ctx.check(10, is_listed, format_args!("a session of {size} bytes is not listed as it is"));
            let page = directory.page(None, 100, now).await?;
            let is_shown = page.contains(&(small.key, found.clone()));
            ctx.check(11, is_shown, format_args!("a session of {size} bytes is not on a page as it is"));
            let count = directory.count(now).await?;
            ctx.same(12, &count, &(page.len() as u64), format_args!("the count with {size} bytes"));
        }
        goes_on(ctx, &small, found, size).await?;
        store.delete(&small.key).await?;
    }
    neighbours.unharmed(ctx, 9, store, now, "after large data").await;
    Ok(())
}

/// Checks the answer: `Ok`, or an error that says that nothing was changed and blames no one else.
fn is_kept_or_refused(ctx: &Ctx, number: u32, answer: &Result<Revision>, size: usize) -> Option<Revision> {
    let is_clear = match answer {
        Ok(_) | Err(Error::TooLarge { .. } | Error::Full) => true,
        Err(Error::Backend { outcome, .. }) => *outcome == Known::NotApplied,
        Err(_) => false,
    };
    ctx.check(number, is_clear, format_args!("{size} bytes were answered {answer:?}"));
    answer.as_ref().ok().copied()
}

/// A touch and a save of little data are as good as ever.
async fn goes_on(ctx: &Ctx, small: &Subject, found: Stored, size: usize) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    let (key, end): (&Key, _) = (&small.key, shift(now, 7_000));
    store.touch(key, found.revision, now, end, now).await?;
    let found = touched(&found, now, end)?;
    ctx.finds(6, store, key, now, Some(&found), format!("{size} bytes, touched")).await;
    let record = Record { owner: None, ..small.record.clone() };
    let saved = store.save(key, &record, Expect::Revision(found.revision), now).await;
    ctx.check(7, saved.is_ok(), format_args!("a save after {size} bytes was answered {saved:?}"));
    let less = Stored { record, revision: found.revision.next()? };
    ctx.finds(8, store, key, now, Some(&less), format!("little saved after {size} bytes")).await;
    Ok(())
}

/// Whoever loads large data while they are replaced sees the old ones or the new ones, whole, and the revision that is theirs.
pub(super) async fn large_data_are_replaced_at_once(ctx: &Ctx) -> Outcome {
    let (store, now, subject) = (ctx.store(), ctx.now(), &subject(ctx));
    for (_, len) in ctx.rounds(2, 100).zip([300_000, 70_000, 1_200_000].into_iter().cycle()) {
        let first = subject.with_data(vec![0; len]).create(store, now).await?.revision;
        let torn = race(3, |thread| async move {
            let (mut torn, mut revision) = (0, first);
            for write in 1..=12_u8 {
                if thread == 0 {
                    let next = subject.with_data(vec![write; len - usize::from(write)]).record;
                    revision = store.save(&subject.key, &next, Expect::Revision(revision), now).await?;
                    continue;
                }
                let found = store.load(&subject.key, now).await?.ok_or(Error::Missing)?;
                torn += usize::from(!is_whole(&found, first, len));
            }
            Ok::<_, Error>(torn)
        });
        let torn: usize = torn.await?.into_iter().collect::<Result<Vec<_>>>()?.into_iter().sum();
        ctx.same(1, &torn, &0, format_args!("how many loads saw a mixture of two saves of {len} bytes"));
        store.delete(&subject.key).await?;
    }
    Ok(())
}

/// Returns whether all bytes are those of the write that the revision names, and none is missing.
fn is_whole(found: &Stored, first: Revision, len: usize) -> bool {
    let write = found.revision.as_i64() - first.as_i64();
    let data = &found.record.data;
    let is_of_write = |byte: &u8| i64::from(*byte) == write;
    data.first().is_some_and(is_of_write)
        && data.iter().all(|byte| Some(byte) == data.first())
        && usize::try_from(write).is_ok_and(|write| data.len() + write == len)
}
