//! Every write names the revision it replaces.

mod count;
mod many;
mod race;

use session_core::{Error, Expect, Result, Revision, Store, Timestamp};

use self::{
    count::{increments_of_eight_threads_add_up, increments_over_two_handles_add_up},
    many::hundreds_of_writes_each_count,
    race::{of_many_writers_at_one_revision_one_succeeds, readers_never_see_an_older_state_again},
};
use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{Stage, Subject, after, crowd, meet, pairs, shift, touched},
    outcome::Outcome,
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! cas_cases {
    ($then:path, $args:tt) => {
        $then! { $args Cas
            cas_001 a_stale_save_changes_nothing [];
            cas_002 each_write_makes_the_next_revision [];
            cas_003 a_revision_that_never_was_is_a_conflict [];
            cas_004 increments_of_eight_threads_add_up [];
            cas_015 increments_over_two_handles_add_up [shared];
            cas_005 a_revision_from_before_a_delete_never_fits_again [];
            cas_006 a_save_does_not_resurrect [];
            cas_007 a_delete_beats_every_writer [];
            cas_008 a_dead_session_is_missing_for_a_save [];
            cas_009 touch_and_save_conflict_with_each_other [];
            cas_013 of_many_writers_at_one_revision_one_succeeds [];
            cas_016 hundreds_of_writes_each_count [];
            cas_014 readers_never_see_an_older_state_again [];
        }
    };
}
cas_cases!(crate::macros::case_table, ());

/// A revision that was replaced is a conflict, and every field stays.
async fn a_stale_save_changes_nothing(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let second = stage.save(&subject.record, stage.revision()).await?;
        let stale = stage.save(&other, stage.revision()).await;
        ctx.answers(1, &stale, Answer::Conflict, "a save at the revision before the last");
        stage.finds(2, Some(&subject.at(second)), "after a stale save").await;
        let third = stage.save(&subject.record, second).await?;
        for old in [stage.revision(), second] {
            ctx.answers(3, &stage.save(&other, old).await, Answer::Conflict, "a save at an old revision");
            let again = stage.save(&subject.record, old).await;
            ctx.answers(6, &again, Answer::Conflict, "a save that was made already");
        }
        stage.finds(4, Some(&subject.at(third)), "after stale saves").await;
        stage.clear(5).await?;
    }
    Ok(())
}

/// The right revision fits, and each write makes the next one, by one.
async fn each_write_makes_the_next_revision(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let mut revision = stage.revision();
        for number in 0..12 {
            let written = match number % 3 {
                0 => stage.save(&other, revision).await,
                1 => stage.touch(revision, subject.record.expires_at).await,
                _ => stage.save(&subject.record, revision).await,
            };
            ctx.answers(1, &written, Answer::Ok, "a write at the last revision");
            revision = revision.next()?;
            ctx.same(2, &written?, &revision, "the revision after a write");
        }
        stage.finds(3, Some(&subject.at(revision)), "after twelve writes").await;
        stage.clear(4).await?;
    }
    Ok(())
}

/// A revision that was never there, higher or lower, is a conflict.
async fn a_revision_that_never_was_is_a_conflict(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let right = stage.revision().as_i64();
        for wrong in [
            0,
            1,
            right - 1,
            right + 1,
            right + 256,
            right ^ (1 << 32),
            right ^ (1 << 61),
            i64::MAX - 1,
            i64::MAX,
        ] {
            let wrong = Revision::from_i64(wrong.max(0))?;
            if wrong == stage.revision() {
                continue;
            }
            ctx.answers(1, &stage.save(&other, wrong).await, Answer::Conflict, "a save at a wrong revision");
            let touched = stage.touch(wrong, Timestamp::MAX).await;
            ctx.answers(2, &touched, Answer::Conflict, "a touch at a wrong revision");
        }
        stage.is_unchanged(3, "after writes at wrong revisions").await;
        stage.clear(4).await?;
    }
    Ok(())
}

/// A revision from before a delete never fits what is created after it (the ABA problem), for any verb.
async fn a_revision_from_before_a_delete_never_fits_again(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let second = stage.save(&subject.record, stage.revision()).await?;
        for _ in 0..3 {
            stage.store.delete(&stage.key).await?;
            let again = subject.create(stage.store, stage.now).await?;
            for old in [stage.revision(), second] {
                ctx.answers(
                    1,
                    &stage.save(&other, old).await,
                    Answer::Conflict,
                    "a save from before a delete",
                );
                let touched = stage.touch(old, Timestamp::MAX).await;
                ctx.answers(2, &touched, Answer::Conflict, "a touch from before a delete");
            }
            stage.finds(3, Some(&again), "after writes from before a delete").await;
        }
        stage.clear(4).await?;
    }
    Ok(())
}

/// A save that was based on a session that has been deleted meanwhile does not bring it back.
async fn a_save_does_not_resurrect(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let loaded = stage.store.load(&stage.key, stage.now).await?.ok_or(Error::Missing)?;
        stage.store.delete(&stage.key).await?;
        let saved = stage.save(&other, loaded.revision).await;
        ctx.answers(1, &saved, Answer::Missing, "a save after a delete");
        stage.finds(2, None, "after a delete and a save").await;
        let touched = stage.touch(loaded.revision, Timestamp::MAX).await;
        ctx.answers(3, &touched, Answer::Missing, "a touch after a delete");
        stage.finds(4, None, "after a delete and a touch").await;
        stage.clear(5).await?;
    }
    Ok(())
}

/// While others save and touch, a delete that was answered is final.
async fn a_delete_beats_every_writer(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    for (round, subject) in ctx.rounds(20, 2_000).zip(crowd(ctx, 2_000)) {
        let subject = &subject;
        subject.create(store, now).await?;
        let ends = meet(round, 6, |number| async move {
            if number == 0 {
                return store.delete(&subject.key).await;
            }
            write_until_it_is_gone(store, subject, number, now).await
        });
        ends.await?.into_iter().collect::<Result<()>>()?;
        ctx.finds(1, store, &subject.key, now, None, "deleted while others wrote").await;
    }
    Ok(())
}

/// Writes a few times, and ends when the session is gone.
async fn write_until_it_is_gone(
    store: &dyn Store,
    subject: &Subject,
    number: usize,
    now: Timestamp,
) -> Result<()> {
    for _ in 0..8 {
        let Some(found) = store.load(&subject.key, now).await? else { return Ok(()) };
        let written = match number % 2 {
            0 => store.save(&subject.key, &subject.record, Expect::Revision(found.revision), now).await,
            _ => store.touch(&subject.key, found.revision, now, subject.record.expires_at, now).await,
        };
        match written {
            Ok(_) | Err(Error::Conflict | Error::Missing) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The right revision of a dead session is of no use: it is missing, not in conflict.
async fn a_dead_session_is_missing_for_a_save(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let wrong = stage.revision().next()?;
        for now in [stage.expires_at(), shift(stage.expires_at(), 1), Timestamp::MAX] {
            for revision in [stage.revision(), wrong] {
                let saved = stage.store.save(&stage.key, &other, Expect::Revision(revision), now).await;
                ctx.answers(1, &saved, Answer::Missing, "a save on a dead session");
            }
            stage.finds_at(2, now, None, "after a save on a dead session").await;
        }
        stage.is_unchanged(3, "a dead session on which a save was refused, looked at earlier").await;
        stage.clear(4).await?;
    }
    Ok(())
}

/// A touch is a write like any other: a save that was based on the time before it is a conflict, and the other way round.
async fn touch_and_save_conflict_with_each_other(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let longer = shift(stage.expires_at(), 60_000);
        stage.touch(stage.revision(), longer).await?;
        let touched = touched(&stage.stored, stage.now, longer)?;
        ctx.answers(
            1,
            &stage.save(&other, stage.revision()).await,
            Answer::Conflict,
            "a save from before a touch",
        );
        stage.finds(2, Some(&touched), "after a touch and a save").await;
        stage.save(&other, touched.revision).await?;
        let stale = stage.touch(touched.revision, Timestamp::MAX).await;
        ctx.answers(3, &stale, Answer::Conflict, "a touch from before a save");
        stage.finds(4, Some(&after(touched.revision, &other)?), "after a save and a touch").await;
        stage.clear(5).await?;
    }
    Ok(())
}
