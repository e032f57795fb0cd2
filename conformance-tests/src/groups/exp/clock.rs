//! Calls at the beginning of time, which no clock of a machine shows.

use std::{sync::Arc, time::Duration};

use session_core::{Expect, Object, Record, Timestamp};

use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{Subject, crowd, owner, shift},
    outcome::Outcome,
};

/// Every call goes by the time that it is given: what ends a moment after the epoch is live before it, for every verb, however
/// long ago the epoch is and however much time has passed since the session was created.
pub(super) async fn no_clock_counts_but_the_time_given(ctx: &Ctx) -> Outcome {
    let (store, end) = (ctx.store(), shift(Timestamp::EPOCH, 100));
    let mut kept = Vec::new();
    for subject in crowd(ctx, 6) {
        let record = Record { accessed_at: Timestamp::EPOCH, owner: owner("ada"), ..subject.record };
        let mine = Subject { key: subject.key, record }.expiring(end);
        kept.push((mine.create(store, Timestamp::EPOCH).await?, mine));
    }
    // Longer than the sessions had to live, also where a timer rounds that up to a second.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let last = shift(end, -1);
    for (number, (stored, subject)) in kept.iter_mut().enumerate() {
        ctx.finds(1, store, &subject.key, last, Some(stored), "a session that time has not ended").await;
        let key = &subject.key;
        let written = match number % 2 {
            0 => store.save(key, &subject.record, Expect::Revision(stored.revision), last).await,
            _ => store.touch(key, stored.revision, Timestamp::EPOCH, end, last).await,
        };
        ctx.answers(2, &written, Answer::Ok, "a write of a live session");
        stored.revision = written.unwrap_or(stored.revision);
        ctx.finds(3, store, key, last, Some(stored), "written when no clock shows that time any more").await;
        if let Some(objects) = store.objects() {
            let object: Object = Arc::new(7_i32);
            ctx.check(4, objects.put(key, "it", object, last).is_ok(), "a live session takes no object");
            ctx.check(5, objects.get(key, "it", last).is_some(), "the object of a live session is not found");
        }
    }
    let keys: Vec<_> = kept.iter().map(|(_, subject)| subject.key).collect();
    ctx.same(6, &store.delete_expired(last, usize::MAX).await?, &0, "how many of the living a sweep deleted");
    ctx.lists_agree(7, store, keys.iter(), last, "when no clock shows that time any more").await?;
    for (stored, subject) in &kept {
        ctx.finds(8, store, &subject.key, last, Some(stored), "after a sweep that had nothing to do").await;
    }
    ctx.same(
        9,
        &store.delete_expired(end, usize::MAX).await?,
        &kept.len(),
        "how many a sweep at the end deleted",
    );
    Ok(())
}

/// Who makes room is decided by the time that is given: at the epoch a visitor goes before a user whose session ends a moment
/// later, which is dead by every clock.
pub(super) async fn who_makes_room_goes_by_the_time_given(ctx: &Ctx) -> Outcome {
    let store = &*ctx.open_capped(2).await?;
    let ends = [(owner("ada"), shift(Timestamp::EPOCH, 100)), (None, Timestamp::MAX), (None, Timestamp::MAX)];
    let mut kept = Vec::new();
    for (subject, (owner, expires_at)) in crowd(ctx, 3).into_iter().zip(ends) {
        let record = Record { accessed_at: Timestamp::EPOCH, expires_at, owner, ..subject.record };
        let mine = Subject { key: subject.key, record };
        kept.push((mine.key, mine.create(store, Timestamp::EPOCH).await?));
    }
    for (number, (key, stored)) in kept.iter().enumerate() {
        let expected = (number != 1).then_some(stored);
        ctx.finds(1, store, key, Timestamp::EPOCH, expected, "when room was made at the epoch").await;
    }
    Ok(())
}
