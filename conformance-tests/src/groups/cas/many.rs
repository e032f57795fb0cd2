//! A session that is written hundreds of times.

use session_core::{Expect, Stored};

use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{Stage, after, shift, subject, touched},
    outcome::Outcome,
};

/// Each of hundreds of saves and touches in a row is kept, and makes the next revision: also where counting carries from byte
/// to byte.
pub(super) async fn hundreds_of_writes_each_count(ctx: &Ctx) -> Outcome {
    for carry in [Verb::Save, Verb::Touch] {
        let stage = about_to_carry(ctx).await?;
        let mut expected = stage.stored.clone();
        for number in 0..260_i64 {
            let carries = expected.revision.next()?.as_i64().trailing_zeros() >= 8;
            let verb = if number % 2 == 0 { Verb::Save } else { Verb::Touch };
            let written = match if carries { carry } else { verb } {
                Verb::Save => {
                    let record = subject(ctx).with_data(number.to_be_bytes()).record;
                    let old = expected.revision;
                    expected = after(old, &record)?;
                    stage.save(&record, old).await
                }
                Verb::Touch => {
                    let (old, end) = (expected.revision, shift(stage.now, 10_000 + number));
                    expected = touched(&expected, stage.now, end)?;
                    stage.touch(old, end).await
                }
            };
            let what = "the revision of one of hundreds of writes";
            let is_right = ctx.same(1, &written.ok(), &Some(expected.revision), what);
            if !stage.finds(2, Some(&expected), "after one of hundreds of writes").await || !is_right {
                break;
            }
        }
        let stale = stage.save(&stage.stored.record, stage.revision()).await;
        ctx.answers(4, &stale, Answer::Conflict, "a save at the first revision, hundreds of writes later");
        let stale = stage.touch(stage.revision(), stage.expires_at()).await;
        ctx.answers(5, &stale, Answer::Conflict, "a touch at the first revision, hundreds of writes later");
        stage.clear(3).await?;
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Verb {
    Save,
    Touch,
}

/// Creates a session until its first revision comes to a multiple of 65,536 within 250 writes, or a slow store has been patient
/// for long enough.
async fn about_to_carry(ctx: &Ctx) -> Outcome<Stage<'_>> {
    let mut stage = Stage::set(ctx, &subject(ctx)).await?;
    for _ in ctx.rounds(1, 5_000) {
        if stage.revision().as_i64() & 0xffff > 0xffff - 250 {
            break;
        }
        stage.store.delete(&stage.key).await?;
        let save = stage.store.save(&stage.key, &stage.stored.record, Expect::Absent, stage.now);
        stage.stored = Stored { revision: save.await?, ..stage.stored };
    }
    Ok(stage)
}
