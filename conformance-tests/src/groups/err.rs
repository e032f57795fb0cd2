//! Errors say what is known.

use session_core::{Expect, Record, Timestamp};

use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{Stage, pairs, shift},
    outcome::Outcome,
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! err_cases {
    ($then:path, $args:tt) => {
        $then! { $args Err
            err_001 every_refusal_is_the_one_the_contract_names [];
            err_002 a_refused_write_does_nothing [];
            err_003 a_sweep_goes_by_no_refused_write [];
        }
    };
}
err_cases!(crate::macros::case_table, ());

/// Every write finds absent, dead and live sessions as the contract says, whatever revision it names.
async fn every_refusal_is_the_one_the_contract_names(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let (right, wrong, end) = (stage.revision(), stage.revision().next()?, stage.expires_at());
        let live = [(Expect::Absent, Answer::Exists), (Expect::Revision(wrong), Answer::Conflict)];
        let dead = [
            (Expect::Absent, Answer::Exists),
            (Expect::Revision(right), Answer::Missing),
            (Expect::Revision(wrong), Answer::Missing),
        ];
        for (number, now, rows) in [(1, stage.now, &live[..]), (2, end, &dead[..])] {
            for (expect, answer) in rows {
                let saved = stage.store.save(&stage.key, &other, *expect, now).await;
                ctx.answers(number, &saved, *answer, format_args!("a save that expects {expect:?}"));
                if let Expect::Revision(revision) = expect {
                    let touched = stage.store.touch(&stage.key, *revision, now, Timestamp::MAX, now).await;
                    ctx.answers(number, &touched, *answer, "a touch");
                }
            }
        }
        stage.is_unchanged(3, "after every kind of refused write").await;
        stage.store.delete(&stage.key).await?;
        for revision in [right, wrong] {
            let saved = stage.save(&other, revision).await;
            ctx.answers(4, &saved, Answer::Missing, "a save of a deleted session");
            let touched = stage.touch(revision, Timestamp::MAX).await;
            ctx.answers(5, &touched, Answer::Missing, "a touch of a deleted session");
        }
        ctx.answers(6, &stage.create(&other).await, Answer::Ok, "a create after refused writes");
        stage.clear(7).await?;
    }
    Ok(())
}

/// A refused write does nothing: tried again it is refused again, and the session lives its old life.
async fn a_refused_write_does_nothing(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let wrong = stage.revision().next()?;
        for _ in 0..3 {
            ctx.answers(1, &stage.save(&other, wrong).await, Answer::Conflict, "a save at a wrong revision");
            ctx.answers(
                2,
                &stage.touch(wrong, Timestamp::MAX).await,
                Answer::Conflict,
                "a touch at a wrong revision",
            );
            ctx.answers(3, &stage.create(&other).await, Answer::Exists, "a create of a taken key");
        }
        stage
            .finds_at(4, shift(stage.expires_at(), -1), Some(&stage.stored), "in its last millisecond")
            .await;
        stage.finds_at(5, stage.expires_at(), None, "at the end it was created with").await;
        let fits = stage.save(&other, stage.revision()).await;
        ctx.answers(6, &fits, Answer::Ok, "a save at the right revision after refused ones");
        stage.clear(7).await?;
    }
    Ok(())
}

/// A refused write moves nothing that a sweep goes by: the session is swept at its own end, not before and not never.
async fn a_sweep_goes_by_no_refused_write(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject.expiring(shift(ctx.now(), 1_000))).await?;
        let (wrong, end) = (stage.revision().next()?, stage.expires_at());
        for (now, sooner) in [(stage.now, shift(stage.now, 1)), (end, Timestamp::MAX)] {
            for expires_at in [sooner, Timestamp::MAX] {
                let record = Record { expires_at, ..other.clone() };
                let refused = [
                    stage.store.save(&stage.key, &record, Expect::Absent, now).await,
                    stage.store.save(&stage.key, &record, Expect::Revision(wrong), now).await,
                    stage.store.touch(&stage.key, wrong, now, expires_at, now).await,
                ];
                ctx.check(
                    1,
                    refused.iter().all(Result::is_err),
                    "a write that must be refused was answered Ok",
                );
            }
        }
        let early = stage.store.delete_expired(shift(end, -1), usize::MAX).await?;
        ctx.same(2, &early, &0, "how many a sweep deleted a millisecond before the end");
        stage.is_unchanged(3, "after refused writes and a sweep before its end").await;
        let swept = stage.store.delete_expired(end, usize::MAX).await?;
        ctx.same(4, &swept, &1, "how many a sweep deleted at the end, after refused writes");
        stage.clear(5).await?;
    }
    Ok(())
}
