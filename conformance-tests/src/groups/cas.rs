//! Every write names the revision it replaces.

use session_core::{Error, Expect, Result, Store, Stored, Timestamp};

use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{Subject, race, subject, subjects},
    outcome::Outcome,
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! cas_cases {
    ($then:path, $args:tt) => {
        $then! { $args Cas
            cas_001 a_stale_save_changes_nothing [];
            cas_004 increments_of_eight_threads_add_up [];
        }
    };
}
cas_cases!(crate::macros::case_table, ());

/// A revision that was replaced is a conflict, and every field stays.
async fn a_stale_save_changes_nothing(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    let all = subjects(ctx);
    for (subject, other) in all.iter().zip(all.iter().rev()) {
        let first = subject.create(store, now).await?.revision;
        let second = store.save(&subject.key, &subject.record, Expect::Revision(first), now).await?;
        let stale = store.save(&subject.key, &other.record, Expect::Revision(first), now).await;
        ctx.answers(1, &stale, Answer::Conflict, "a save at the revision before the last");
        ctx.finds(2, store, &subject.key, now, Some(&subject.at(second)), "after a stale save").await;
    }
    Ok(())
}

/// Eight threads that load, add one and save until it fits lose nothing, and none of them counts the same number.
async fn increments_of_eight_threads_add_up(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    let subject = subject(ctx);
    for _ in ctx.rounds(1, 200) {
        store.delete(&subject.key).await?;
        let zero = subject.with_data(0_u64.to_be_bytes());
        zero.create(store, now).await?;
        let counted = race(8, |_| async {
            let mut counted = Vec::new();
            for _ in 0..EACH {
                counted.push(add_one(store, &zero, now).await?);
            }
            Ok::<_, Error>(counted)
        });
        let counted: Vec<Vec<u64>> = counted.await?.into_iter().collect::<Result<_>>()?;
        let mut all = counted.concat();
        all.sort_unstable();
        ctx.check(1, all == (1..=8 * EACH).collect::<Vec<_>>(), "two threads were told the same count");
        let kept = store.load(&subject.key, now).await?.map_or(0, |stored| number(&stored));
        ctx.same(2, &kept, &(8 * EACH), "the count in the end");
    }
    Ok(())
}

/// How often each thread adds one.
const EACH: u64 = 25;

/// Adds one and returns the count that was kept.
async fn add_one(store: &dyn Store, subject: &Subject, now: Timestamp) -> Result<u64> {
    loop {
        let found = store.load(&subject.key, now).await?.ok_or(Error::Missing)?;
        let next = number(&found) + 1;
        let record = subject.with_data(next.to_be_bytes()).record;
        match store.save(&subject.key, &record, Expect::Revision(found.revision), now).await {
            Ok(_) => return Ok(next),
            Err(Error::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
}

fn number(stored: &Stored) -> u64 {
    stored.record.data.as_ref().try_into().map_or(0, u64::from_be_bytes)
}
