//! Many sessions that are opened again.

use session_core::{Expect, Record, Result, Store, Stored, Timestamp};

use crate::{
    ctx::Ctx,
    fixture::{Subject, crowd, shift, touched},
    outcome::Outcome,
};

/// Thousands of sessions are there when the store is opened again, as they were saved or touched last, and
/// none of the deleted.
pub(super) async fn many_sessions_are_there_after_reopening(ctx: &Ctx) -> Outcome {
    let (namespace, store) = ctx.open_other().await?;
    let (now, crowd, mut all) = (ctx.now(), crowd(ctx, 11_500), Vec::new());
    for number in ctx.rounds(150, 11_500) {
        let Some(subject) = crowd.get(number) else { break };
        all.push((subject.key, live_on(&*store, subject, number, now).await?));
    }
    drop(store);
    let store = ctx.open_namespace(&namespace).await?;
    for (key, stored) in &all {
        ctx.finds(1, &*store, key, now, stored.as_ref(), "one of many, opened again").await;
    }
    if let Some(directory) = store.directory() {
        let kept = all.iter().filter(|(_, stored)| stored.is_some()).count();
        ctx.same(2, &directory.count(now).await?, &(kept as u64), "the count of many, opened again");
    }
    Ok(())
}

/// Creates a session, and saves, touches or deletes every third. Returns what is left of it.
async fn live_on(
    store: &dyn Store,
    subject: &Subject,
    number: usize,
    now: Timestamp,
) -> Result<Option<Stored>> {
    let stored = subject.create(store, now).await?;
    match number % 9 {
        0 => {
            let record = Record { accessed_at: shift(now, 1), ..subject.with_data("saved").record };
            let expect = Expect::Revision(stored.revision);
            let revision = store.save(&subject.key, &record, expect, now).await?;
            Ok(Some(Stored { record, revision }))
        }
        3 => {
            let (accessed_at, end) = (shift(now, 1), shift(now, 9_000));
            store.touch(&subject.key, stored.revision, accessed_at, end, now).await?;
            Ok(Some(touched(&stored, accessed_at, end)?))
        }
        6 => store.delete(&subject.key).await.map(|()| None),
        _ => Ok(Some(stored)),
    }
}
