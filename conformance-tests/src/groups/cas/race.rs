//! Many who write and read one session at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use session_core::{Error, Expect, Result, Revision, Store, Stored, Timestamp};

use super::count::{add_some, number};
use crate::{
    ctx::Ctx,
    fixture::{Subject, after, crowd, meet, race, subject, touched},
    outcome::Outcome,
};

/// Of eight that write at one revision exactly one succeeds, and what it wrote is there.
pub(super) async fn of_many_writers_at_one_revision_one_succeeds(ctx: &Ctx) -> Outcome {
    let (store, now, crowd) = (ctx.store(), ctx.now(), crowd(ctx, 320));
    for (round, few) in ctx.rounds(4, 10_000).zip(crowd.chunks(16).cycle()) {
        let mut begun = Vec::new();
        for subject in few {
            begun.push((subject, subject.create(store, now).await?.revision));
        }
        let begun = &begun;
        let tried = meet(round, 8, |number| async move {
            let mut answers = Vec::new();
            for (subject, first) in begun {
                answers.push(write_at(store, subject, *first, number, now).await);
            }
            answers
        });
        let tried = tried.await?;
        for (place, (subject, first)) in begun.iter().enumerate() {
            let answers: Vec<_> = tried.iter().filter_map(|answers| answers.get(place)).collect();
            one_wrote(ctx, subject, *first, &answers).await?;
            store.delete(&subject.key).await?;
        }
    }
    Ok(())
}

/// Writes what the thread with this number writes: two of eight touch.
async fn write_at(
    store: &dyn Store,
    subject: &Subject,
    first: Revision,
    number: usize,
    now: Timestamp,
) -> Result<Revision> {
    if number % 4 == 3 {
        return store.touch(&subject.key, first, now, Timestamp::MAX, now).await;
    }
    let record = subject.with_data(number.to_be_bytes()).record;
    store.save(&subject.key, &record, Expect::Revision(first), now).await
}

/// Checks that one of the answers is a write, which is there.
async fn one_wrote(ctx: &Ctx, subject: &Subject, first: Revision, answers: &[&Result<Revision>]) -> Outcome {
    let won: Vec<usize> =
        answers.iter().enumerate().filter(|(_, answer)| answer.is_ok()).map(|(won, _)| won).collect();
    ctx.same(1, &won.len(), &1, "how many of eight wrote at one revision");
    let refused = answers.iter().filter(|answer| matches!(answer, Err(Error::Conflict))).count();
    ctx.same(2, &refused, &7, "how many of eight met a conflict");
    let Some(winner) = won.first() else { return Ok(()) };
    let expected = match winner % 4 {
        3 => touched(&subject.at(first), ctx.now(), Timestamp::MAX)?,
        _ => after(first, &subject.with_data(winner.to_be_bytes()).record)?,
    };
    ctx.finds(3, ctx.store(), &subject.key, ctx.now(), Some(&expected), "what the winner wrote").await;
    Ok(())
}

/// Someone who reads while others write sees each revision with the record that was written at it, and never goes back.
pub(super) async fn readers_never_see_an_older_state_again(ctx: &Ctx) -> Outcome {
    let (store, now, subject) = (ctx.store(), ctx.now(), &subject(ctx));
    for _ in ctx.rounds(2, 10_000) {
        store.delete(&subject.key).await?;
        let (zero, writing) = (&subject.with_data(0_u64.to_be_bytes()), &AtomicUsize::new(2));
        let begin = zero.create(store, now).await?.revision.as_i64();
        let seen = race(4, |number| async move {
            if number < 2 {
                let written = add_some(store, zero, now).await;
                writing.fetch_sub(1, Ordering::SeqCst);
                return written.map(|_| Vec::new());
            }
            let mut seen = Vec::new();
            // A reader that comes late looks at what is there all the same.
            while writing.load(Ordering::SeqCst) > 0 || seen.len() < 50 {
                let found = store.load(&zero.key, now).await?.ok_or(Error::Missing)?;
                seen.push((found.revision.as_i64() - begin, number_of(&found)));
            }
            Ok::<_, Error>(seen)
        });
        for seen in seen.await?.into_iter().collect::<Result<Vec<_>>>()? {
            let whole = seen.iter().all(|(revision, count)| revision == count);
            ctx.check(1, whole, "a reader saw a record beside the revision of another");
            ctx.check(2, seen.is_sorted(), "a reader saw an older state after a newer one");
        }
    }
    Ok(())
}

fn number_of(stored: &Stored) -> i64 {
    i64::try_from(number(stored)).unwrap_or(-1)
}
