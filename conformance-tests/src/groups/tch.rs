//! Touching moves the times and nothing else.

use session_core::{Expect, Owner, Revision, Timestamp};

use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{Stage, after, crowd, meet, shift, subjects, touched},
    outcome::Outcome,
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! tch_cases {
    ($then:path, $args:tt) => {
        $then! { $args Tch
            tch_001 a_touch_sets_both_times_and_nothing_else [];
            tch_002 a_touch_at_the_end_is_too_late [];
            tch_003 a_touch_never_brings_back_old_data [];
            tch_004 a_stale_touch_changes_nothing [];
            tch_005 a_touch_never_creates [];
            tch_006 a_touch_can_end_a_session [];
            tch_007 a_sweep_goes_by_the_last_touch [];
            tch_008 a_touched_session_is_listed_as_touched [directory];
        }
    };
}
tch_cases!(crate::macros::case_table, ());

/// Both times become what was given, the revision one more, and the rest stays.
async fn a_touch_sets_both_times_and_nothing_else(ctx: &Ctx) -> Outcome {
    for subject in subjects(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let mut expected = stage.stored.clone();
        for (accessed, end) in [(1, 10_001), (2, 5_003), (2, 5_003), (-9, 86_400_007), (70_000, 70_001)] {
            let (accessed_at, end) = (shift(stage.now, accessed), shift(stage.now, end));
            let answer = stage.store.touch(&stage.key, expected.revision, accessed_at, end, stage.now).await;
            ctx.answers(1, &answer, Answer::Ok, "a touch at the last revision");
            expected = touched(&expected, accessed_at, end)?;
            ctx.same(2, &answer?, &expected.revision, "the revision of a touch");
            stage.finds(3, Some(&expected), "after a touch").await;
        }
        stage.finds_at(4, shift(stage.now, 70_000), Some(&expected), "in the last millisecond").await;
        stage.finds_at(5, shift(stage.now, 70_001), None, "at the end that a touch set").await;
        stage.clear(6).await?;
    }
    Ok(())
}

/// A touch in the last millisecond counts, a touch at the end is too late and changes nothing.
async fn a_touch_at_the_end_is_too_late(ctx: &Ctx) -> Outcome {
    for subject in subjects(ctx) {
        let stage = Stage::set(ctx, &subject.expiring(shift(ctx.now(), 1_000))).await?;
        let (store, end, later) = (stage.store, stage.expires_at(), shift(stage.now, 9_000));
        for now in [end, shift(end, 1), Timestamp::MAX] {
            let late = store.touch(&stage.key, stage.revision(), now, later, now).await;
            ctx.answers(1, &late, Answer::Missing, "a touch on a dead session");
        }
        stage.is_unchanged(2, "after touches that came too late, looked at earlier").await;
        let last = shift(end, -1);
        let answer = store.touch(&stage.key, stage.revision(), last, later, last).await;
        ctx.answers(3, &answer, Answer::Ok, "a touch in the last millisecond");
        stage
            .finds_at(4, end, Some(&touched(&stage.stored, last, later)?), "at the end before the touch")
            .await;
        stage.clear(5).await?;
    }
    Ok(())
}

/// Touches and saves that race leave the newest data with the newest times, never old beside new.
async fn a_touch_never_brings_back_old_data(ctx: &Ctx) -> Outcome {
    let (store, now, crowd) = (ctx.store(), ctx.now(), crowd(ctx, 320));
    for (round, few) in ctx.rounds(4, 10_000).zip(crowd.chunks(80).cycle()) {
        let mut begun = Vec::new();
        for subject in few {
            begun.push((subject, subject.create(store, now).await?.revision));
        }
        let begun = &begun;
        let tried = meet(round, 4, |number| async move {
            let mut written = Vec::new();
            for (subject, first) in begun {
                let new = subject.with_data("new").record;
                written.push(match number {
                    0 | 1 => store.save(&subject.key, &new, Expect::Revision(*first), now).await.is_ok(),
                    _ => store.touch(&subject.key, *first, now, Timestamp::MAX, now).await.is_ok(),
                });
            }
            written
        });
        let tried = tried.await?;
        for (place, (subject, first)) in begun.iter().enumerate() {
            let saved = tried.iter().take(2).any(|written| written.get(place) == Some(&true));
            let touched = touched(&subject.at(*first), now, Timestamp::MAX)?;
            let new = after(*first, &subject.with_data("new").record)?;
            let expected = if saved { new } else { touched };
            ctx.finds(1, store, &subject.key, now, Some(&expected), "after a race of a save and touches")
                .await;
            store.delete(&subject.key).await?;
        }
    }
    Ok(())
}

/// A touch at an old revision changes nothing, not even the times: it would bring back an old lifetime.
async fn a_stale_touch_changes_nothing(ctx: &Ctx) -> Outcome {
    for subject in subjects(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let (short, long) = (shift(stage.now, 500), shift(stage.now, 90_000_000));
        stage.touch(stage.revision(), short).await?;
        let expected = touched(&stage.stored, stage.now, short)?;
        for end in [long, short, Timestamp::MAX] {
            let stale = stage.touch(stage.revision(), end).await;
            ctx.answers(1, &stale, Answer::Conflict, "a touch at an old revision");
            stage.finds(2, Some(&expected), "after a touch at an old revision").await;
        }
        stage.finds_at(3, short, None, "at the end that the first touch set").await;
        stage.clear(4).await?;
    }
    Ok(())
}

/// A touch creates nothing where nothing is.
async fn a_touch_never_creates(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    for subject in subjects(ctx) {
        for number in [0, 1, 1 << 61, i64::MAX - 1, i64::MAX] {
            let revision = Revision::from_i64(number)?;
            let answer = store.touch(&subject.key, revision, now, Timestamp::MAX, now).await;
            ctx.answers(1, &answer, Answer::Missing, "a touch of nothing");
            ctx.finds(2, store, &subject.key, now, None, "after a touch of nothing").await;
        }
        ctx.answers(3, &subject.create(store, now).await, Answer::Ok, "a create after touches of nothing");
    }
    Ok(())
}

/// A touch to an end that has passed ends the session at once.
async fn a_touch_can_end_a_session(ctx: &Ctx) -> Outcome {
    for subject in subjects(ctx) {
        // The last one is the epoch.
        for end in [0, -1, -86_400_000, i64::MIN] {
            let stage = Stage::set(ctx, &subject).await?;
            let answer = stage.touch(stage.revision(), shift(stage.now, end)).await;
            ctx.answers(1, &answer, Answer::Ok, "a touch that ends the session");
            stage.finds(2, None, "after a touch that ended it").await;
            let again = stage.touch(stage.revision().next()?, Timestamp::MAX).await;
            ctx.answers(3, &again, Answer::Missing, "a touch after the one that ended it");
            ctx.same(4, &stage.store.delete_expired(stage.now, usize::MAX).await?, &1, "how many were swept");
            stage.clear(5).await?;
        }
    }
    Ok(())
}

/// The sweep goes by the end that the last touch set, to later and to earlier.
async fn a_sweep_goes_by_the_last_touch(ctx: &Ctx) -> Outcome {
    for subject in subjects(ctx) {
        let stage = Stage::set(ctx, &subject.expiring(shift(ctx.now(), 1_000))).await?;
        let mut revision = stage.revision();
        for end in [2_000, 4_000, 3_000] {
            revision = stage.touch(revision, shift(stage.now, end)).await?;
        }
        for passed in [1_000, 2_000, 2_999] {
            let swept = stage.store.delete_expired(shift(stage.now, passed), usize::MAX).await?;
            ctx.same(1, &swept, &0, format_args!("how many a sweep deleted after {passed} ms"));
        }
        let kept = stage.store.load(&stage.key, shift(stage.now, 2_999)).await?;
        ctx.check(2, kept.is_some(), "a session was swept by an end that a touch had moved");
        let swept = stage.store.delete_expired(shift(stage.now, 3_000), usize::MAX).await?;
        ctx.same(3, &swept, &1, "how many a sweep deleted at the last end");
        stage.clear(4).await?;
    }
    Ok(())
}

/// A touched session is listed with its new times, under the same owner.
async fn a_touched_session_is_listed_as_touched(ctx: &Ctx) -> Outcome {
    let directory = ctx.directory()?;
    for subject in subjects(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let end = shift(stage.now, 123_456);
        stage.touch(stage.revision(), end).await?;
        let expected = (stage.key, touched(&stage.stored, stage.now, end)?);
        // It may have been touched to an earlier end or to a later one: lists go by the new end.
        for (at, is_listed) in [(stage.now, true), (shift(end, -1), true), (end, false)] {
            let page = directory.page(None, 100, at).await?;
            ctx.check(1, page.contains(&expected) == is_listed, "a page does not show a session as touched");
            let count = directory.count(at).await?;
            ctx.check(1, count == page.len() as u64, "the count does not go by the end of a touch");
            if let Some(owner) = &subject.record.owner {
                let owned = directory.owned_by(owner, at).await?;
                let is_right = owned.contains(&expected) == is_listed;
                ctx.check(2, is_right, "its owner's list does not show a session as touched");
            }
        }
        let other = directory.owned_by(&Owner::new("nobody")?, stage.now).await?;
        ctx.check(3, other.is_empty(), "someone who owns nothing has a list");
        stage.clear(4).await?;
    }
    Ok(())
}
