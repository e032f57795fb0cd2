//! A dead session is an absent one.

mod clock;
mod last;
mod lists;

use session_core::{Expect, Record, Timestamp};

use self::{
    clock::{no_clock_counts_but_the_time_given, who_makes_room_goes_by_the_time_given},
    last::{
        at_the_end_of_time_nothing_is_listed, the_ends_of_time_are_swept_too, the_ends_of_time_are_times,
        times_far_away_are_kept_to_the_millisecond,
    },
    lists::lists_go_by_the_time_they_are_given,
};
use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{Stage, Subject, crowd, owner, pairs, shift, subject, subjects},
    outcome::{Outcome, Stop},
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! exp_cases {
    ($then:path, $args:tt) => {
        $then! { $args Exp
            exp_001 a_session_dies_at_its_millisecond [];
            exp_002 a_dead_session_is_absent_without_a_sweep [];
            exp_003 the_dead_are_neither_listed_nor_counted [directory];
            exp_004 a_save_that_is_dead_already_is_never_visible [];
            exp_005 a_century_is_not_too_long [];
            exp_006 the_ends_of_time_are_times [];
            exp_007 times_are_kept_to_the_millisecond [];
            exp_009 a_clock_that_goes_back_harms_nothing [];
            exp_010 ten_years_later_all_are_dead [];
            exp_011 time_is_an_argument_and_nothing_else [];
            exp_012 a_save_moves_the_end [];
            exp_013 each_session_has_an_end_of_its_own [];
            exp_014 the_ends_of_time_are_swept_too [];
            exp_015 at_the_end_of_time_nothing_is_listed [directory];
            exp_016 lists_go_by_the_time_they_are_given [directory];
            exp_017 times_far_away_are_kept_to_the_millisecond [];
            exp_018 no_clock_counts_but_the_time_given [];
            exp_019 who_makes_room_goes_by_the_time_given [cap];
        }
    };
}
exp_cases!(crate::macros::case_table, ());

/// It is live to the last millisecond before `expires_at`, and dead from then on.
async fn a_session_dies_at_its_millisecond(ctx: &Ctx) -> Outcome {
    for subject in subjects(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let end = stage.expires_at();
        stage.finds_at(1, shift(end, -1), Some(&stage.stored), "a millisecond before the end").await;
        stage.finds_at(2, end, None, "at the end").await;
        stage.finds_at(3, shift(end, 1), None, "a millisecond after the end").await;
        stage.finds_at(4, Timestamp::MAX, None, "at the end of time").await;
        stage.finds_at(5, shift(end, -1), Some(&stage.stored), "looked at earlier again").await;
        stage.clear(6).await?;
    }
    Ok(())
}

/// Nothing was swept, and still every write finds it missing; a delete ends it for good.
async fn a_dead_session_is_absent_without_a_sweep(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let (store, now) = (stage.store, stage.expires_at());
        let saved = store.save(&stage.key, &other, Expect::Revision(stage.revision()), now).await;
        ctx.answers(1, &saved, Answer::Missing, "a save at the end");
        let touched = store.touch(&stage.key, stage.revision(), now, Timestamp::MAX, now).await;
        ctx.answers(2, &touched, Answer::Missing, "a touch at the end");
        stage.is_unchanged(3, "after writes at the end, looked at earlier").await;
        let before = shift(now, -1);
        let saved = store.save(&stage.key, &other, Expect::Revision(stage.revision()), before).await;
        ctx.answers(4, &saved, Answer::Ok, "a save in the last millisecond");
        store.delete(&stage.key).await?;
        stage.finds(5, None, "after a delete").await;
        stage.clear(6).await?;
    }
    Ok(())
}

/// Lists and counts leave out the dead, from the same millisecond on.
async fn the_dead_are_neither_listed_nor_counted(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let ada = owner("ada").ok_or_else(|| Stop::Failed("no owner".to_owned()))?;
    let crowd: Vec<Subject> = crowd(ctx, 12);
    for (number, subject) in (1..).zip(&crowd) {
        let record = Record { owner: Some(ada.clone()), ..subject.record.clone() };
        Subject { key: subject.key, record }.expiring(shift(now, number)).create(store, now).await?;
    }
    for passed in 0..=13 {
        let (at, live) = (shift(now, passed), 12 - usize::try_from(passed).unwrap_or(0).min(12));
        ctx.same(1, &directory.count(at).await?, &(live as u64), "the count");
        ctx.same(2, &directory.page(None, 100, at).await?.len(), &live, "the length of a page");
        ctx.same(3, &directory.owned_by(&ada, at).await?.len(), &live, "how many an owner has");
        let page = directory.page(None, 100, at).await?;
        let all_live = page.iter().all(|(_, stored)| stored.record.is_live(at));
        ctx.check(4, all_live, "a dead session is on a page");
    }
    Ok(())
}

/// A save whose end has passed is never visible, whether it creates or replaces.
async fn a_save_that_is_dead_already_is_never_visible(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        for end in [ctx.now(), shift(ctx.now(), -1), Timestamp::EPOCH] {
            let stage = Stage::set(ctx, &subject).await?;
            let dead = Record { expires_at: end, ..other.clone() };
            stage.save(&dead, stage.revision()).await?;
            stage.finds(1, None, "replaced by a record that is dead already").await;
            let revived = stage.save(&other, stage.revision().next()?).await;
            ctx.answers(2, &revived, Answer::Missing, "a save on a record that was dead already");
            stage.store.delete(&stage.key).await?;
            stage.create(&dead).await?;
            stage.finds(3, None, "created dead already").await;
            stage.clear(4).await?;
        }
    }
    Ok(())
}

/// What is to live for a hundred years does, and keeps all its fields.
async fn a_century_is_not_too_long(ctx: &Ctx) -> Outcome {
    let century = 100 * 365 * 24 * 3_600 * 1_000;
    for subject in subjects(ctx) {
        let stage = Stage::set(ctx, &subject.expiring(shift(ctx.now(), century))).await?;
        let last = shift(stage.now, century - 1);
        stage.store.delete_expired(last, usize::MAX).await?;
        stage.finds_at(1, last, Some(&stage.stored), "in the last millisecond of a century").await;
        stage.finds_at(2, shift(last, 1), None, "after a century").await;
        stage.clear(3).await?;
    }
    Ok(())
}

/// Times are kept to the millisecond: none is rounded to a second, up or down.
async fn times_are_kept_to_the_millisecond(ctx: &Ctx) -> Outcome {
    let (store, now, subject) = (ctx.store(), ctx.now(), subject(ctx));
    for millis in [1, 2, 9, 10, 99, 499, 500, 501, 998, 999, 1_000, 1_001, 1_499, 59_999, 60_001, 86_399_999]
    {
        let accessed_at = shift(now, -millis);
        let record = Record { accessed_at, ..subject.expiring(shift(now, millis)).record };
        let stored = Subject { key: subject.key, record }.create(store, now).await?;
        let end = stored.record.expires_at;
        ctx.finds(1, store, &subject.key, shift(end, -1), Some(&stored), format!("{millis} ms to live"))
            .await;
        ctx.finds(2, store, &subject.key, end, None, format!("{millis} ms later")).await;
        store.delete(&subject.key).await?;
    }
    Ok(())
}

/// A clock that goes back sees the session again; a sweep by it deletes only what is dead at its time.
async fn a_clock_that_goes_back_harms_nothing(ctx: &Ctx) -> Outcome {
    for subject in subjects(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        stage.finds_at(1, stage.expires_at(), None, "at the end").await;
        for earlier in [stage.now, shift(stage.now, -86_400_000), Timestamp::EPOCH] {
            let swept = stage.store.delete_expired(earlier, usize::MAX).await?;
            ctx.same(2, &swept, &0, "how many a sweep deleted before the end");
            stage.finds_at(3, earlier, Some(&stage.stored), "with a clock that went back").await;
        }
        let saved = stage.store.save(
            &stage.key,
            &subject.record,
            Expect::Revision(stage.revision()),
            shift(stage.now, -86_400_000),
        );
        ctx.answers(4, &saved.await, Answer::Ok, "a save with a clock that went back");
        stage.clear(5).await?;
    }
    Ok(())
}

/// Ten years later everything is dead, and one sweep empties the store.
async fn ten_years_later_all_are_dead(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    let later = shift(now, 10 * 365 * 86_400_000);
    let crowd = crowd(ctx, 40);
    for subject in &crowd {
        subject.create(store, now).await?;
    }
    for subject in &crowd {
        ctx.finds(1, store, &subject.key, later, None, "ten years later").await;
    }
    ctx.same(2, &store.delete_expired(later, usize::MAX).await?, &40, "how many a sweep deleted");
    for subject in &crowd {
        ctx.finds(3, store, &subject.key, now, None, "swept, looked at earlier").await;
        ctx.answers(4, &subject.create(store, now).await, Answer::Ok, "a create after the sweep");
    }
    Ok(())
}

/// The store has no time of its own: a later call does not move it, neither does a time of access.
async fn time_is_an_argument_and_nothing_else(ctx: &Ctx) -> Outcome {
    for subject in subjects(ctx) {
        for accessed_at in [Timestamp::EPOCH, ctx.now(), shift(ctx.now(), 86_400_000), Timestamp::MAX] {
            let record = Record { accessed_at, ..subject.record.clone() };
            let stage = Stage::set(ctx, &Subject { record, ..subject }).await?;
            stage.is_unchanged(1, "accessed at a time of its own").await;
            let later = shift(stage.expires_at(), 1);
            stage.store.load(&stage.key, later).await?;
            stage.store.delete_expired(Timestamp::EPOCH, usize::MAX).await?;
            stage.is_unchanged(2, "after a call at a later time").await;
            stage.finds_at(3, later, None, "after its end").await;
            // At the end of time the neighbours are dead as well.
            if later < Timestamp::MAX {
                let swept = stage.store.delete_expired(later, usize::MAX).await?;
                ctx.same(5, &swept, &1, "how many a sweep after its end deleted, whenever it was accessed");
            }
            stage.clear(4).await?;
        }
    }
    Ok(())
}

/// A save moves the end, to earlier and to later, and the old end means nothing any more.
async fn a_save_moves_the_end(ctx: &Ctx) -> Outcome {
    for subject in subjects(ctx) {
        let stage = Stage::set(ctx, &subject.expiring(shift(ctx.now(), 1_000))).await?;
        let longer = subject.expiring(shift(stage.now, 2_000));
        let saved = stage.save(&longer.record, stage.revision()).await?;
        let old_end = shift(stage.now, 1_000);
        stage.store.delete_expired(old_end, usize::MAX).await?;
        stage.finds_at(1, old_end, Some(&longer.at(saved)), "at its old end, which a save moved").await;
        stage.finds_at(2, shift(stage.now, 2_000), None, "at its new end").await;
        let shorter = subject.expiring(shift(stage.now, 500));
        let saved = stage.save(&shorter.record, saved).await?;
        stage.finds_at(3, shift(stage.now, 499), Some(&shorter.at(saved)), "before its shorter end").await;
        stage.finds_at(4, shift(stage.now, 500), None, "at its shorter end").await;
        let swept = stage.store.delete_expired(shift(stage.now, 500), usize::MAX).await?;
        ctx.same(5, &swept, &1, "how many a sweep deleted at the shorter end");
        stage.clear(6).await?;
    }
    Ok(())
}

/// Sessions that were created in one order die in another, each at its own time.
async fn each_session_has_an_end_of_its_own(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    let mut kept = Vec::new();
    for (number, subject) in crowd(ctx, 30).into_iter().enumerate() {
        // 7 and 30 have no common factor: every end from 1 to 30 is there once.
        let end = shift(now, 1 + i64::try_from(number * 7 % 30).unwrap_or(0));
        kept.push((subject.key, end, subject.expiring(end).create(store, now).await?));
    }
    for passed in 0..=30 {
        let at = shift(now, passed);
        for (key, end, stored) in &kept {
            let expected = (at < *end).then_some(stored);
            ctx.finds(1, store, key, at, expected, format!("{passed} ms later")).await;
        }
    }
    Ok(())
}
