//! Many who count on one session.

use session_core::{Error, Expect, Result, Store, Stored, Timestamp};

use crate::{
    ctx::Ctx,
    fixture::{Subject, race, subject},
    outcome::{Outcome, Stop},
};

/// Eight threads that load, add one and save until it fits lose nothing, and none of them counts the same number.
pub(super) async fn increments_of_eight_threads_add_up(ctx: &Ctx) -> Outcome {
    let store = ctx.shared_store();
    count_up(ctx, &[&*store]).await
}

/// The same over two handles.
pub(super) async fn increments_over_two_handles_add_up(ctx: &Ctx) -> Outcome {
    let (one, two) = (ctx.shared_store(), ctx.open_again().await?);
    count_up(ctx, &[&*one, &*two]).await
}

/// How often each thread adds one.
const EACH: u64 = 25;

async fn count_up(ctx: &Ctx, handles: &[&dyn Store]) -> Outcome {
    let (now, subject) = (ctx.now(), subject(ctx));
    let first = *handles.first().ok_or_else(|| Stop::Failed("no handle".to_owned()))?;
    for _ in ctx.rounds(1, 10_000) {
        first.delete(&subject.key).await?;
        let zero = subject.with_data(0_u64.to_be_bytes());
        let begin = zero.create(first, now).await?.revision;
        let counted = race(8, |number| {
            let store = handles.iter().cycle().nth(number).copied().unwrap_or(first);
            add_some(store, &zero, now)
        });
        let counted: Vec<Vec<u64>> = counted.await?.into_iter().collect::<Result<_>>()?;
        let mut all = counted.concat();
        all.sort_unstable();
        ctx.check(1, all == (1..=8 * EACH).collect::<Vec<_>>(), "two threads were told the same count");
        let end = first.load(&subject.key, now).await?.ok_or(Error::Missing)?;
        ctx.same(2, &number(&end), &(8 * EACH), "the count in the end");
        let writes = end.revision.as_i64() - begin.as_i64();
        ctx.same(3, &writes, &200, "how far the revision went with 200 writes");
    }
    Ok(())
}

pub(super) async fn add_some(store: &dyn Store, subject: &Subject, now: Timestamp) -> Result<Vec<u64>> {
    let mut counted = Vec::new();
    for _ in 0..EACH {
        counted.push(add_one(store, subject, now).await?);
    }
    Ok(counted)
}

/// Adds one and returns the count that was kept.
async fn add_one(store: &dyn Store, subject: &Subject, now: Timestamp) -> Result<u64> {
    // Each conflict is a write of somebody else, and the others make fewer writes than this.
    for _ in 0..8 * EACH {
        let found = store.load(&subject.key, now).await?.ok_or(Error::Missing)?;
        let next = number(&found) + 1;
        let record = subject.with_data(next.to_be_bytes()).record;
        match store.save(&subject.key, &record, Expect::Revision(found.revision), now).await {
            Ok(_) => return Ok(next),
            Err(Error::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::Conflict)
}

pub(super) fn number(stored: &Stored) -> u64 {
    stored.record.data.as_ref().try_into().map_or(0, u64::from_be_bytes)
}
