//! The first and the last millisecond there are.

use session_core::{Expect, Owner, Record, Timestamp};

use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{FAR_AWAY, Subject, after, crowd, shift, subjects, touched},
    outcome::Outcome,
};

/// The earliest and the latest times neither panic nor wrap around.
pub(super) async fn the_ends_of_time_are_times(ctx: &Ctx) -> Outcome {
    let (store, last) = (ctx.store(), shift(Timestamp::MAX, -1));
    for subject in subjects(ctx) {
        let eternal = subject.expiring(Timestamp::MAX);
        for now in [Timestamp::EPOCH, ctx.now(), last] {
            let stored = eternal.create(store, now).await?;
            for at in [Timestamp::EPOCH, shift(Timestamp::EPOCH, 1), last] {
                ctx.finds(1, store, &subject.key, at, Some(&stored), "a session that ends with time").await;
            }
            ctx.finds(2, store, &subject.key, Timestamp::MAX, None, "at the end of time").await;
            let mut stored = stored;
            for accessed_at in [Timestamp::EPOCH, Timestamp::MAX] {
                let record = Record { accessed_at, ..stored.record.clone() };
                store.save(&subject.key, &record, Expect::Revision(stored.revision), now).await?;
                stored = after(stored.revision, &record)?;
                let what = format!("saved with {accessed_at} as the time of access");
                ctx.finds(5, store, &subject.key, now, Some(&stored), what).await;
            }
            store.touch(&subject.key, stored.revision, now, shift(Timestamp::EPOCH, 1), now).await?;
            let first = touched(&stored, now, shift(Timestamp::EPOCH, 1))?;
            ctx.finds(
                3,
                store,
                &subject.key,
                Timestamp::EPOCH,
                Some(&first),
                "that ends after a millisecond",
            )
            .await;
            ctx.finds(
                4,
                store,
                &subject.key,
                shift(Timestamp::EPOCH, 1),
                None,
                "a millisecond after the epoch",
            )
            .await;
            store.delete(&subject.key).await?;
        }
    }
    Ok(())
}

/// What ended at the epoch is swept at the epoch, and what ends with time is swept at the end of time, not before.
pub(super) async fn the_ends_of_time_are_swept_too(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    for subject in subjects(ctx) {
        let ended = subject.expiring(Timestamp::EPOCH).create(store, now).await?;
        let (expect, at) = (Expect::Revision(ended.revision), Timestamp::EPOCH);
        let saved = store.save(&subject.key, &subject.record, expect, at).await;
        ctx.answers(7, &saved, Answer::Missing, "a save at the epoch, at which it ended");
        let touched = store.touch(&subject.key, ended.revision, at, Timestamp::MAX, at).await;
        ctx.answers(8, &touched, Answer::Missing, "a touch at the epoch, at which it ended");
        ctx.finds(6, store, &subject.key, Timestamp::EPOCH, None, "at the epoch, at which it ended").await;
        let swept = store.delete_expired(Timestamp::EPOCH, usize::MAX).await?;
        ctx.same(1, &swept, &1, "how many that ended at the epoch a sweep at the epoch deleted");
        store.delete(&subject.key).await?;
        let (eternal, last) = (subject.expiring(Timestamp::MAX), shift(Timestamp::MAX, -1));
        let stored = eternal.create(store, now).await?;
        let swept = store.delete_expired(last, usize::MAX).await?;
        ctx.same(2, &swept, &0, "how many that end with time a sweep before that deleted");
        ctx.finds(3, store, &subject.key, last, Some(&stored), "a millisecond before the end of time").await;
        let swept = store.delete_expired(Timestamp::MAX, usize::MAX).await?;
        ctx.same(4, &swept, &1, "how many that ended with time a sweep at its end deleted");
        let again = eternal.create(store, now).await;
        ctx.answers(5, &again, Answer::Ok, "a create after a sweep at the end of time");
        store.delete(&subject.key).await?;
    }
    Ok(())
}

/// At the end of time nothing is listed or counted, and a millisecond before that everything that ends with time
/// is; what ended at the epoch never is.
pub(super) async fn at_the_end_of_time_nothing_is_listed(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let ada = Owner::new("ada")?;
    for (number, subject) in crowd(ctx, 6).into_iter().enumerate() {
        let expires_at = if number < 5 { Timestamp::MAX } else { Timestamp::EPOCH };
        let record = Record { owner: Some(ada.clone()), expires_at, ..subject.record };
        Subject { key: subject.key, record }.create(store, now).await?;
    }
    for (at, listed) in [(Timestamp::EPOCH, 5), (now, 5), (shift(Timestamp::MAX, -1), 5), (Timestamp::MAX, 0)]
    {
        let (page, owned) = (directory.page(None, 10, at).await?, directory.owned_by(&ada, at).await?);
        ctx.same(1, &page.len(), &listed, format_args!("the length of a page at {at}"));
        ctx.same(2, &owned.len(), &listed, format_args!("the length of an owner's list at {at}"));
        ctx.same(3, &directory.count(at).await?, &(listed as u64), format_args!("the count at {at}"));
    }
    Ok(())
}

/// Times that a double, a date of four digits or a count of nanoseconds cannot tell apart are kept to the millisecond.
pub(super) async fn times_far_away_are_kept_to_the_millisecond(ctx: &Ctx) -> Outcome {
    let store = ctx.store();
    for subject in subjects(ctx).into_iter().take(2) {
        for odd in FAR_AWAY {
            let (accessed_at, end) = (Timestamp::from_millis(odd), Timestamp::from_millis(odd + 1));
            let record = Record { accessed_at, ..subject.expiring(end).record };
            let stored = Subject { key: subject.key, record }.create(store, accessed_at).await?;
            ctx.finds(
                1,
                store,
                &subject.key,
                accessed_at,
                Some(&stored),
                format!("a millisecond before {odd}"),
            )
            .await;
            ctx.finds(2, store, &subject.key, end, None, format!("at {odd}")).await;
            store.touch(&subject.key, stored.revision, end, shift(end, 1), accessed_at).await?;
            let later = touched(&stored, end, shift(end, 1))?;
            ctx.finds(3, store, &subject.key, end, Some(&later), format!("touched at {odd}")).await;
            let record = Record { accessed_at, ..subject.expiring(shift(end, 2)).record };
            store.save(&subject.key, &record, Expect::Revision(later.revision), end).await?;
            let saved = after(later.revision, &record)?;
            let what = format!("saved at {odd}");
            ctx.finds(4, store, &subject.key, shift(end, 1), Some(&saved), what).await;
            store.delete(&subject.key).await?;
        }
    }
    Ok(())
}
