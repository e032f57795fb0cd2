//! Sweeping dead sessions.

mod limit;
mod many;

use session_core::{Error, Expect, Record, Result, Revision, Store, Timestamp};

use self::{limit::a_sweep_keeps_to_its_limit, many::one_sweep_deletes_as_many_as_it_may};
use crate::{
    ctx::Ctx,
    fixture::{Stage, Subject, crowd, meet, pairs, race, shift},
    outcome::Outcome,
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! gc_cases {
    ($then:path, $args:tt) => {
        $then! { $args Gc
            gc_001 a_sweep_deletes_the_dead_and_no_other [];
            gc_007 a_sweep_keeps_to_its_limit [];
            gc_003 no_live_session_vanishes_while_sweeps_run [];
            gc_004 a_touch_that_was_answered_outlives_the_sweep [];
            gc_005 sweeps_that_meet_count_each_session_once [];
            gc_009 a_session_with_a_past_is_swept_once [];
            gc_010 the_swept_are_gone_from_the_directory [directory];
            gc_011 one_sweep_deletes_as_many_as_it_may [];
        }
    };
}
gc_cases!(crate::macros::case_table, ());

/// A sweep deletes every dead session and no live one, by the millisecond, and says how many.
async fn a_sweep_deletes_the_dead_and_no_other(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    for around in [0, 1, 999, 86_400_000] {
        let at = shift(now, 100_000_000 + around);
        let mut kept = Vec::new();
        let ends = [0, -1, 1, -around, -50_000_000, around + 1];
        for (subject, end) in crowd(ctx, 36).into_iter().zip(ends.into_iter().cycle()) {
            let end = shift(at, end);
            kept.push((subject.key, end, subject.expiring(end).create(store, now).await?));
        }
        let dead = kept.iter().filter(|(_, end, _)| *end <= at).count();
        ctx.same(1, &store.delete_expired(at, usize::MAX).await?, &dead, "how many a sweep deleted");
        for (key, end, stored) in &kept {
            let expected = (*end > at).then_some(stored);
            ctx.finds(2, store, key, now, expected, "after a sweep, looked at before it").await;
        }
        ctx.same(3, &store.delete_expired(at, usize::MAX).await?, &0, "how many a second sweep deleted");
        for (key, ..) in &kept {
            store.delete(key).await?;
        }
    }
    Ok(())
}

async fn there(store: &dyn Store, crowd: &[Subject], now: Timestamp) -> Outcome<usize> {
    let mut there = 0;
    for subject in crowd {
        there += usize::from(store.load(&subject.key, now).await?.is_some());
    }
    Ok(there)
}

/// While a sweep runs again and again, nothing that was acknowledged and is live disappears.
async fn no_live_session_vanishes_while_sweeps_run(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    let (crowd, end) = (&crowd(ctx, 6 * 400), shift(now, 1_000));
    for round in ctx.rounds(2, 10_000) {
        let lost = race(8, |number| async move {
            let mut lost = Vec::new();
            let mine = crowd.iter().skip(number.saturating_sub(2) * 400 + round % 8 * 40).take(40);
            for subject in mine {
                if number < 2 {
                    store.delete_expired(end, 5).await?;
                } else if let Some(how) = live_through(store, subject, now, end).await? {
                    lost.push(how);
                }
            }
            Ok::<_, Error>(lost)
        });
        let lost: Vec<_> = lost.await?.into_iter().collect::<Result<Vec<_>>>()?.concat();
        ctx.check(1, lost.is_empty(), format_args!("sessions vanished under a sweep: {lost:?}"));
        store.delete_expired(Timestamp::MAX, usize::MAX).await?;
    }
    Ok(())
}

/// Takes a session through everything that keeps it alive past `end`, and says where it was lost.
async fn live_through(
    store: &dyn Store,
    subject: &Subject,
    now: Timestamp,
    end: Timestamp,
) -> Result<Option<&'static str>> {
    let later = shift(end, 1_000);
    let dying = subject.expiring(end);
    let created = store.save(&subject.key, &dying.record, Expect::Absent, now).await?;
    // The sweep may have come first: the session was dead at its time. A write that was answered Ok is what counts.
    let Ok(touched) = store.touch(&subject.key, created, now, later, now).await else { return Ok(None) };
    if store.load(&subject.key, end).await?.is_none() {
        return Ok(Some("after a touch"));
    }
    store.save(&subject.key, &subject.expiring(later).record, Expect::Revision(touched), now).await?;
    if store.load(&subject.key, end).await?.is_none() {
        return Ok(Some("after a save"));
    }
    store.delete(&subject.key).await?;
    subject.expiring(later).create(store, now).await?;
    let found = store.load(&subject.key, end).await?;
    store.delete(&subject.key).await?;
    Ok(found.is_none().then_some("after it was created again"))
}

/// A session that is touched in its last moment, while a sweep of its end runs, is either gone for the touch or kept.
async fn a_touch_that_was_answered_outlives_the_sweep(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    let (end, later) = (shift(now, 1_000), shift(now, 9_000));
    let crowd = crowd(ctx, 800);
    for (round, few) in ctx.rounds(10, 10_000).zip(crowd.chunks(40).cycle()) {
        let mut dying = Vec::new();
        for subject in few {
            dying.push((subject, subject.expiring(end).create(store, now).await?));
        }
        let dying = &dying;
        let ends = meet(round, 4, |number| async move {
            let mut answers = Vec::new();
            if number < 2 {
                store.delete_expired(end, usize::MAX).await?;
                return Ok(answers);
            }
            // The two writers begin at either end, wherever the sweeps begin.
            for step in 0..dying.len() / 2 {
                let place = if number == 2 { step } else { dying.len() - 1 - step };
                let Some((subject, stored)) = dying.get(place) else { continue };
                answers.push((subject.key, keep(store, subject, stored.revision, now, later).await.is_ok()));
            }
            Ok::<_, Error>(answers)
        });
        for (key, kept) in ends.await?.into_iter().collect::<Result<Vec<_>>>()?.concat() {
            let found = store.load(&key, end).await?.is_some();
            ctx.check(1, found || !kept, "a write that was answered Ok was swept");
            ctx.check(2, kept || !found, "a write found nothing, and still the session is there");
            store.delete(&key).await?;
        }
    }
    Ok(())
}

/// Moves the end of a session to later, by a touch or by a save.
async fn keep(
    store: &dyn Store,
    subject: &Subject,
    revision: Revision,
    now: Timestamp,
    later: Timestamp,
) -> Result<Revision> {
    if subject.key.as_bytes().last().is_some_and(|byte| byte % 2 == 0) {
        return store.touch(&subject.key, revision, now, later, now).await;
    }
    let record = subject.expiring(later).record;
    store.save(&subject.key, &record, Expect::Revision(revision), now).await
}

/// Two sweeps at once delete each dead session once: their counts add up.
async fn sweeps_that_meet_count_each_session_once(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    let crowd = crowd(ctx, 60);
    for round in ctx.rounds(4, 10_000) {
        let end = shift(now, 1_000);
        for subject in &crowd {
            subject.expiring(end).create(store, now).await?;
        }
        let swept = meet(round, 4, |_| async move { store.delete_expired(end, usize::MAX).await });
        let swept: usize = swept.await?.into_iter().collect::<Result<Vec<_>>>()?.into_iter().sum();
        let left = there(store, &crowd, now).await?;
        ctx.same(1, &(swept, left), &(60, 0), "how many four sweeps deleted together, and left");
    }
    Ok(())
}

/// What was written, touched or created many times is swept once; what was deleted is not counted.
async fn a_session_with_a_past_is_swept_once(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let mut revision = stage.revision();
        for number in 0..6 {
            let end = shift(stage.now, 1_000 + number * 100);
            revision = stage.touch(revision, end).await?;
            revision = stage.save(&Record { expires_at: shift(end, 50), ..other.clone() }, revision).await?;
        }
        stage.store.delete(&stage.key).await?;
        let (end, nobody) = (
            shift(stage.now, 100_000_000_000),
            stage.store.delete_expired(shift(stage.now, 50_000), usize::MAX),
        );
        ctx.same(1, &nobody.await?, &0, "how many of the deleted a sweep counted");
        let short = subject.expiring(shift(stage.now, 60_000));
        let again = short.create(stage.store, stage.now).await?;
        stage.finds(2, Some(&again), "created again after a delete").await;
        ctx.same(3, &stage.store.delete_expired(end, usize::MAX).await?, &1, "how many a sweep deleted");
        stage.finds(4, None, "after the sweep").await;
        stage.clear(5).await?;
    }
    Ok(())
}

/// What a sweep deletes is gone from every list and count.
async fn the_swept_are_gone_from_the_directory(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let (end, crowd) = (shift(now, 1_000), crowd(ctx, 30));
    for (number, subject) in crowd.iter().enumerate() {
        let expires_at = if number % 2 == 0 { end } else { Timestamp::MAX };
        subject.expiring(expires_at).create(store, now).await?;
    }
    let ada = crowd.iter().find_map(|subject| subject.record.owner.clone()).ok_or(Error::Missing)?;
    ctx.same(5, &directory.owned_by(&ada, now).await?.len(), &10, "how many its owner has before a sweep");
    ctx.same(1, &store.delete_expired(end, usize::MAX).await?, &15, "how many a sweep deleted");
    ctx.same(2, &directory.count(now).await?, &15, "the count after a sweep, at a time before it");
    ctx.same(3, &directory.page(None, 100, now).await?.len(), &15, "the page after a sweep");
    ctx.same(4, &directory.owned_by(&ada, now).await?.len(), &5, "how many its owner has after a sweep");
    for subject in crowd.iter().step_by(2) {
        let record = Record { owner: None, ..subject.record.clone() };
        Subject { key: subject.key, record }.create(store, now).await?;
    }
    ctx.same(
        6,
        &directory.owned_by(&ada, now).await?.len(),
        &5,
        "how many its owner has when others took the keys",
    );
    for subject in crowd.iter().step_by(2) {
        store.delete(&subject.key).await?;
        subject.create(store, now).await?;
    }
    ctx.same(
        7,
        &directory.owned_by(&ada, now).await?.len(),
        &10,
        "how many its owner has when they are created again",
    );
    Ok(())
}
