//! Closing and opening again.

mod caps;
mod lists;
mod many;
mod odd;
mod room;

use session_core::{Expect, Record, Stored, Timestamp};

use self::{
    caps::the_last_opening_decides_how_many_there_may_be,
    lists::the_directory_is_there_after_reopening,
    many::many_sessions_are_there_after_reopening,
    odd::{no_clock_counts_when_it_is_opened_again, odd_ones},
    room::who_is_next_is_known_after_reopening,
};
use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{Subject, crowd, shift, subject, subjects, touched},
    outcome::Outcome,
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! rst_cases {
    ($then:path, $args:tt) => {
        $then! { $args Rst
            rst_001 everything_is_there_after_reopening [reopen];
            rst_002 sessions_die_while_the_store_is_closed [reopen];
            rst_003 a_store_can_be_reopened_many_times [reopen];
            rst_005 the_deleted_stay_deleted [reopen];
            rst_006 the_directory_is_there_after_reopening [reopen directory];
            rst_007 a_newer_handle_outlives_the_older [shared];
            rst_008 the_evicted_stay_gone_and_the_cap_is_kept [reopen cap];
            rst_004 an_older_handle_can_still_be_in_use [shared];
            rst_009 large_data_are_there_after_reopening [reopen];
            rst_010 many_sessions_are_there_after_reopening [reopen];
            rst_011 the_last_opening_decides_how_many_there_may_be [reopen cap];
            rst_012 no_clock_counts_when_it_is_opened_again [reopen];
        }
    };
}
rst_cases!(crate::macros::case_table, ());

/// Every session is there after the store was closed and opened again, with every field and its revision.
async fn everything_is_there_after_reopening(ctx: &Ctx) -> Outcome {
    let (namespace, store) = ctx.open_other().await?;
    let (now, mut kept) = (ctx.now(), Vec::new());
    let ours = subjects(ctx).into_iter().chain(crowd(ctx, 20)).chain(odd_ones(ctx));
    for (number, subject) in ours.enumerate() {
        let mut stored = subject.create(&*store, now).await?;
        if number % 3 == 1 {
            let revision = store.touch(&subject.key, stored.revision, now, Timestamp::MAX, now).await?;
            let record = Record { accessed_at: now, expires_at: Timestamp::MAX, ..stored.record };
            stored = Stored { record, revision };
        }
        if number % 3 == 2 {
            let new = subject.with_data("saved before it was closed");
            let expect = Expect::Revision(stored.revision);
            stored = new.at(store.save(&subject.key, &new.record, expect, now).await?);
        }
        kept.push((subject.key, stored));
    }
    drop(store);
    for _ in 0..3 {
        let store = ctx.open_namespace(&namespace).await?;
        for (key, stored) in &kept {
            ctx.finds(1, &*store, key, now, Some(stored), "after opening again").await;
        }
    }
    let store = ctx.open_namespace(&namespace).await?;
    for (key, stored) in &kept {
        let saved = store.save(key, &stored.record, Expect::Revision(stored.revision), now).await;
        ctx.answers(2, &saved, Answer::Ok, "a save at a revision from before the store was closed");
    }
    Ok(())
}

/// What died while the store was closed is dead, and the first sweep finds it.
async fn sessions_die_while_the_store_is_closed(ctx: &Ctx) -> Outcome {
    let (namespace, store) = ctx.open_other().await?;
    let (now, crowd) = (ctx.now(), crowd(ctx, 20));
    for (number, subject) in crowd.iter().enumerate() {
        let life = if number % 2 == 0 { 1_000 } else { 2_000 };
        subject.expiring(shift(now, life)).create(&*store, now).await?;
    }
    drop(store);
    let (store, later) = (ctx.open_namespace(&namespace).await?, shift(now, 1_000));
    for (number, subject) in crowd.iter().enumerate() {
        let found = store.load(&subject.key, later).await?.is_some();
        ctx.same(1, &found, &(number % 2 == 1), "whether a session outlived the store being closed");
    }
    ctx.same(2, &store.delete_expired(later, usize::MAX).await?, &10, "how many the first sweep deleted");
    ctx.same(
        3,
        &store.delete_expired(shift(now, 2_000), usize::MAX).await?,
        &10,
        "how many a later sweep deleted",
    );
    Ok(())
}

/// A store can be opened and closed many times, and each time goes on where the last one ended.
async fn a_store_can_be_reopened_many_times(ctx: &Ctx) -> Outcome {
    let (namespace, store) = ctx.open_other().await?;
    let (now, subject) = (ctx.now(), subject(ctx));
    let mut stored = subject.create(&*store, now).await?;
    drop(store);
    for round in 0..20_u8 {
        let store = ctx.open_namespace(&namespace).await?;
        ctx.finds(1, &*store, &subject.key, now, Some(&stored), "from the round before").await;
        let record = subject.with_data(vec![round; usize::from(round)]).record;
        let saved = store.save(&subject.key, &record, Expect::Revision(stored.revision), now).await?;
        ctx.same(2, &saved, &stored.revision.next()?, "the revision of a save after opening again");
        let stale = store.save(&subject.key, &record, Expect::Revision(stored.revision), now).await;
        ctx.answers(3, &stale, Answer::Conflict, "a save at a revision that was replaced");
        stored = Stored { record, revision: saved };
    }
    Ok(())
}

/// What was deleted or swept stays so, and its revisions never fit what is created later.
async fn the_deleted_stay_deleted(ctx: &Ctx) -> Outcome {
    let (namespace, store) = ctx.open_other().await?;
    let (now, crowd) = (ctx.now(), crowd(ctx, 20));
    let mut old = Vec::new();
    for (number, subject) in crowd.iter().enumerate() {
        let subject = subject.expiring(shift(now, 1_000));
        old.push(subject.create(&*store, now).await?);
        if number % 2 == 0 {
            store.delete(&subject.key).await?;
        }
    }
    ctx.same(1, &store.delete_expired(shift(now, 1_000), usize::MAX).await?, &10, "how many a sweep deleted");
    drop(store);
    let store = ctx.open_namespace(&namespace).await?;
    for (subject, old) in crowd.iter().zip(old) {
        ctx.finds(2, &*store, &subject.key, now, None, "deleted before the store was closed").await;
        let saved = store.save(&subject.key, &subject.record, Expect::Revision(old.revision), now).await;
        ctx.answers(3, &saved, Answer::Missing, "a save of what was deleted before");
        let again = subject.create(&*store, now).await?;
        ctx.check(4, again.revision != old.revision, "a revision was used a second time");
    }
    Ok(())
}

/// What was evicted is gone when the store is opened again, and what was there then counts for the cap.
async fn the_evicted_stay_gone_and_the_cap_is_kept(ctx: &Ctx) -> Outcome {
    let (namespace, now) = (ctx.new_namespace()?, ctx.now());
    // Each was used later than the one before.
    let ages = (-40..).zip(crowd(ctx, 40));
    let used_at = |(age, Subject { key, record })| Subject {
        key,
        record: Record { accessed_at: shift(now, age), owner: None, ..record },
    };
    let sessions: Vec<Subject> = ages.map(used_at).collect();
    for (part, first) in sessions.chunks(10).zip((0_usize..).step_by(10)) {
        let store = ctx.open_with(&namespace, Some(4)).await?;
        for evicted in sessions.iter().take(first.saturating_sub(4)) {
            ctx.finds(1, &*store, &evicted.key, now, None, "evicted before the store was closed").await;
        }
        for (number, subject) in part.iter().enumerate() {
            subject.create(&*store, now).await?;
            let newest = (first + number + 1).saturating_sub(4)..=first + number;
            for (place, other) in sessions.iter().enumerate() {
                let found = store.load(&other.key, now).await?.is_some();
                ctx.check(
                    2,
                    !found || newest.contains(&place),
                    "there are more than the cap says after opening again",
                );
                ctx.check(
                    3,
                    found || !newest.contains(&place),
                    "the newest sessions are not there after opening again",
                );
            }
        }
    }
    who_is_next_is_known_after_reopening(ctx).await
}

/// Data of any size are there when the store is opened again, large ones that were saved over little ones and touched too.
async fn large_data_are_there_after_reopening(ctx: &Ctx) -> Outcome {
    let (namespace, store) = ctx.open_other().await?;
    let (now, mut kept) = (ctx.now(), Vec::new());
    for (size, subject) in [5_000, 65_536, 70_000, 1 << 20, 3_000_000].into_iter().zip(crowd(ctx, 5)) {
        let first = subject.create(&*store, now).await?.revision;
        let large = subject
            .with_data(ctx.rng().bytes(1_021).repeat(size / 1_021 + 1).get(..size).unwrap_or_default());
        let saved = store.save(&subject.key, &large.record, Expect::Revision(first), now).await?;
        let end = shift(now, 9_000);
        store.touch(&subject.key, saved, now, end, now).await?;
        kept.push((size, subject.key, touched(&large.at(saved), now, end)?));
    }
    drop(store);
    let store = ctx.open_namespace(&namespace).await?;
    for (size, key, stored) in &kept {
        ctx.finds(1, &*store, key, now, Some(stored), format!("{size} bytes, opened again")).await;
    }
    Ok(())
}

/// A store that is opened while an older handle is still in use sees the same sessions, and so does the older one.
async fn an_older_handle_can_still_be_in_use(ctx: &Ctx) -> Outcome {
    let now = ctx.now();
    for subject in subjects(ctx) {
        let stored = subject.create(ctx.store(), now).await?;
        let newer = ctx.open_again().await?;
        ctx.finds(1, &*newer, &subject.key, now, Some(&stored), "for a newer handle").await;
        newer.delete(&subject.key).await?;
        drop(newer);
        ctx.finds(
            2,
            ctx.store(),
            &subject.key,
            now,
            None,
            "for the older handle, after the newer was dropped",
        )
        .await;
        let again = subject.create(ctx.store(), now).await?;
        ctx.finds(3, ctx.store(), &subject.key, now, Some(&again), "created by the older handle").await;
    }
    Ok(())
}

/// A handle goes on when the one that was opened before it is dropped.
async fn a_newer_handle_outlives_the_older(ctx: &Ctx) -> Outcome {
    let now = ctx.now();
    for subject in subjects(ctx) {
        let (namespace, older) = ctx.open_other().await?;
        let newer = ctx.open_namespace(&namespace).await?;
        let stored = subject.create(&*older, now).await?;
        drop(older);
        ctx.finds(
            1,
            &*newer,
            &subject.key,
            now,
            Some(&stored),
            "for the newer handle, after the older was dropped",
        )
        .await;
        let saved = newer.save(&subject.key, &subject.record, Expect::Revision(stored.revision), now).await;
        ctx.answers(2, &saved, Answer::Ok, "a save of the newer handle, after the older was dropped");
        drop(newer);
        ctx.discard(&namespace).await;
    }
    Ok(())
}
