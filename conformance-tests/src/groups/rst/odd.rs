//! Odd owners and far times, and a clock that nobody may look at, when a store is opened again.

use session_core::{Expect, Record, Timestamp};

use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{FAR_AWAY, Subject, crowd, names_alike, owner, shift},
    outcome::Outcome,
};

/// How many come before those that are odd, so that no other subject of the case has their keys.
const BEFORE: usize = 64;

/// Returns sessions with owners and times that a store may write down as others.
pub(super) fn odd_ones(ctx: &Ctx) -> Vec<Subject> {
    let names = names_alike();
    let times = FAR_AWAY.into_iter().cycle().map(Timestamp::from_millis);
    let crowd = crowd(ctx, BEFORE + names.len()).into_iter().skip(BEFORE);
    let odd = crowd.zip(names).zip(times).map(|((subject, name), time)| {
        let record =
            Record { owner: owner(&name), accessed_at: time, ..subject.expiring(shift(time, 1)).record };
        Subject { key: subject.key, record }
    });
    odd.collect()
}

/// What an opening keeps goes by no clock: what ends a moment after the epoch is there before that, and for a sweep after it.
pub(super) async fn no_clock_counts_when_it_is_opened_again(ctx: &Ctx) -> Outcome {
    let (namespace, store) = ctx.open_other().await?;
    let (start, end) = (Timestamp::EPOCH, shift(Timestamp::EPOCH, 100));
    let mut kept = Vec::new();
    for subject in crowd(ctx, 6) {
        let record = Record { accessed_at: start, ..subject.record };
        let mine = Subject { key: subject.key, record }.expiring(end);
        kept.push((mine.key, mine.create(&*store, start).await?));
    }
    drop(store);
    let (store, last) = (ctx.open_namespace(&namespace).await?, shift(end, -1));
    for (key, stored) in &kept {
        ctx.finds(1, &*store, key, last, Some(stored), "opened again when no clock shows that time any more")
            .await;
    }
    if let Some((key, stored)) = kept.first() {
        let saved = store.save(key, &stored.record, Expect::Revision(stored.revision), last).await;
        ctx.answers(2, &saved, Answer::Ok, "a save when no clock shows that time any more");
    }
    drop(store);
    let store = ctx.open_namespace(&namespace).await?;
    let swept = store.delete_expired(end, usize::MAX).await?;
    ctx.same(3, &swept, &kept.len(), "how many dead the first sweep finds after two openings");
    Ok(())
}
