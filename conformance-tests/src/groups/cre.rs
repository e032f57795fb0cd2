//! Creating a session where there is none.

use session_core::{Error, Expect, Result, Store, Stored, Timestamp};

use crate::{
    checks::{Answer, difference},
    ctx::Ctx,
    fixture::{Stage, Subject, after, crowd, meet, pairs, race, shift, subject},
    outcome::Outcome,
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! cre_cases {
    ($then:path, $args:tt) => {
        $then! { $args Cre
            cre_001 a_key_is_created_once [];
            cre_002 of_many_creators_one_succeeds [];
            cre_008 of_creators_on_two_handles_one_succeeds [shared];
            cre_003 a_session_appears_at_once_and_whole [];
            cre_004 a_dead_session_still_holds_its_key [];
            cre_005 a_swept_key_can_be_created_again [];
            cre_006 the_revision_of_a_create_fits_at_once [];
            cre_007 first_revisions_are_random [];
        }
    };
}
cre_cases!(crate::macros::case_table, ());

/// The second create is refused, and of the first nothing changes.
async fn a_key_is_created_once(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        ctx.answers(1, &stage.create(&other).await, Answer::Exists, "a second create");
        stage.is_unchanged(2, "after a second create").await;
        let same = stage.create(&subject.record).await;
        ctx.answers(3, &same, Answer::Exists, "a second create of the same record");
        let changed = stage.save(&other, stage.revision()).await;
        ctx.answers(4, &changed, Answer::Ok, "a save after a refused create");
        ctx.answers(5, &stage.create(&subject.record).await, Answer::Exists, "a create after a save");
        stage.finds(6, Some(&after(stage.revision(), &other)?), "after three refused creates").await;
        stage.clear(7).await?;
    }
    Ok(())
}

/// Of eight threads that create one key at the same instant exactly one succeeds, and its record is the one kept.
async fn of_many_creators_one_succeeds(ctx: &Ctx) -> Outcome {
    let store = ctx.shared_store();
    race_to_create(ctx, &[&*store]).await
}

/// The same over two handles.
async fn of_creators_on_two_handles_one_succeeds(ctx: &Ctx) -> Outcome {
    let (one, two) = (ctx.shared_store(), ctx.open_again().await?);
    race_to_create(ctx, &[&*one, &*two]).await
}

/// Lets eight create the same keys in the same order, so that they meet at many of them.
async fn race_to_create(ctx: &Ctx, handles: &[&dyn Store]) -> Outcome {
    let (now, crowd) = (ctx.now(), crowd(ctx, 320));
    for (round, few) in ctx.rounds(4, 10_000).zip(crowd.chunks(16).cycle()) {
        let tried = meet(round, 8, |number| {
            let handle = handles.iter().cycle().nth(number).copied();
            async move {
                let mut answers = Vec::new();
                for subject in few {
                    let mine = subject.with_data(number.to_be_bytes());
                    answers.push(mine.create(handle.ok_or(Error::Missing)?, now).await);
                }
                Ok(answers)
            }
        });
        let tried: Vec<Vec<_>> = tried.await?.into_iter().collect::<Result<_>>()?;
        for (place, subject) in few.iter().enumerate() {
            let answers: Vec<_> = tried.iter().filter_map(|answers| answers.get(place)).collect();
            one_created(ctx, handles, subject, &answers).await?;
        }
    }
    Ok(())
}

/// Checks that one of the answers is a created session, which is there, and deletes it.
async fn one_created(
    ctx: &Ctx,
    handles: &[&dyn Store],
    subject: &Subject,
    answers: &[&Result<Stored>],
) -> Outcome {
    let winners: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    ctx.same(1, &winners.len(), &1, "how many of eight created one key");
    let refused = answers.iter().filter(|answer| matches!(answer, Err(Error::Exists))).count();
    ctx.same(2, &refused, &7, "how many of eight found the key taken");
    for store in handles {
        let expected = winners.first().copied();
        ctx.finds(3, *store, &subject.key, ctx.now(), expected, "what the winner created").await;
    }
    for store in handles.iter().take(1) {
        store.delete(&subject.key).await?;
    }
    Ok(())
}

/// While a session is created, others see nothing or all of it.
async fn a_session_appears_at_once_and_whole(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    for (_, subject) in ctx.rounds(10, 500).zip(crowd(ctx, 500)) {
        let subject = &subject.with_data(ctx.rng().bytes(20_000));
        let seen = race(4, |number| async move {
            match number {
                0 => subject.create(store, now).await.map(Some),
                _ => store.load(&subject.key, now).await,
            }
        });
        let seen: Vec<_> = seen.await?.into_iter().collect::<Result<_>>()?;
        for found in seen.iter().skip(1).filter(|found| found.is_some()) {
            let difference = difference(found.as_ref(), seen.first().and_then(Option::as_ref));
            ctx.check(1, difference.is_none(), format_args!("seen while it was created: {difference:?}"));
        }
    }
    Ok(())
}

/// A dead session still holds its key until it is swept, and is not seen by the attempt.
async fn a_dead_session_still_holds_its_key(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        for now in [stage.expires_at(), shift(stage.expires_at(), 1), Timestamp::MAX] {
            let created = stage.store.save(&stage.key, &other, Expect::Absent, now).await;
            ctx.answers(1, &created, Answer::Exists, format_args!("a create over a dead session at {now}"));
            stage.finds_at(2, now, None, "after a create over a dead session").await;
        }
        stage.is_unchanged(3, "a dead session over which a create was refused, looked at earlier").await;
        stage.clear(4).await?;
    }
    Ok(())
}

/// A dead session that was swept or deleted gives its key free.
async fn a_swept_key_can_be_created_again(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject.expiring(shift(ctx.now(), 5))).await?;
        let swept = stage.store.delete_expired(shift(stage.now, 5), usize::MAX).await?;
        ctx.same(1, &swept, &1, "how many a sweep deleted");
        let created = stage.create(&other).await;
        if ctx.answers(2, &created, Answer::Ok, "a create after the sweep") {
            let again = Stored { record: other, revision: created? };
            stage.finds(3, Some(&again), "created after the sweep").await;
            ctx.check(4, again.revision != stage.revision(), "a revision was used a second time");
        }
        stage.clear(5).await?;
    }
    Ok(())
}

/// The revision a create answers is the one that is loaded, and fits the next save and touch at once.
async fn the_revision_of_a_create_fits_at_once(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let saved = stage.save(&other, stage.revision()).await;
        ctx.answers(1, &saved, Answer::Ok, "a save at the revision of the create");
        ctx.same(2, &saved.ok(), &stage.revision().next().ok(), "the revision after the first");
        stage.clear(3).await?;
        let stage = Stage::set(ctx, &subject).await?;
        let touched = stage.touch(stage.revision(), Timestamp::MAX).await;
        ctx.answers(4, &touched, Answer::Ok, "a touch at the revision of the create");
        ctx.same(5, &touched.ok(), &stage.revision().next().ok(), "the revision after the first");
        stage.clear(3).await?;
    }
    Ok(())
}

/// First revisions are random, so that one from before a delete never fits again by counting up to it.
async fn first_revisions_are_random(ctx: &Ctx) -> Outcome {
    let (store, now, subject) = (ctx.store(), ctx.now(), subject(ctx));
    let mut seen = Vec::new();
    for _ in 0..64 {
        seen.push(subject.create(store, now).await?.revision.as_i64());
        store.delete(&subject.key).await?;
    }
    seen.sort_unstable();
    let near = seen.windows(2).filter(|pair| matches!(pair, [one, two] if two - one < 1_000)).count();
    ctx.same(1, &near, &0, "how many of 64 first revisions are within 1,000 of another");
    ctx.check(
        2,
        seen.iter().all(|revision| *revision < 1 << 62),
        "a first revision is too large to count on",
    );
    let highest = seen.last().copied().unwrap_or(0);
    ctx.check(
        3,
        highest >= 1 << 56,
        "no first revision of 64 is above 2^56: they are random in too few bits",
    );
    let (always, ever) = seen.iter().fold((i64::MAX, 0), |(always, ever), one| (always & one, ever | one));
    let low = (1 << 56) - 1;
    let words = format!(
        "bits of 64 first revisions are always 1 ({:x}) or always 0 ({:x})",
        always & low,
        !ever & low
    );
    ctx.check(4, always & low == 0 && ever & low == low, words);
    Ok(())
}
