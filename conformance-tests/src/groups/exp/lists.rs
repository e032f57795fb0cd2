//! The time of lists.

use session_core::{Owner, Record, Timestamp};

use crate::{
    ctx::Ctx,
    fixture::{Subject, crowd, shift},
    outcome::Outcome,
};

/// Lists and counts go by the time that they are given: a look at a later time neither hides nor ends what lives at this one,
/// and neither does a time of access that is yet to come.
pub(super) async fn lists_go_by_the_time_they_are_given(ctx: &Ctx) -> Outcome {
    let (store, directory, now, ada) = (ctx.store(), ctx.directory()?, ctx.now(), Owner::new("ada")?);
    let (mut kept, later) = (Vec::new(), shift(now, 86_400_000));
    for (subject, accessed_at) in
        crowd(ctx, 12).into_iter().zip([Timestamp::EPOCH, now, later].into_iter().cycle())
    {
        let record = Record { owner: Some(ada.clone()), accessed_at, ..subject.record };
        let mine = Subject { key: subject.key, record };
        kept.push((mine.key, mine.create(store, now).await?));
    }
    kept.sort_by_key(|(key, _)| *key);
    for at in [now, shift(now, -86_400_000), later, now, Timestamp::MAX, Timestamp::EPOCH] {
        let expected = if at < later { &kept[..] } else { &[] };
        let what = format!("looked at {at} after other times");
        ctx.check(
            1,
            directory.page(None, 100, at).await? == expected,
            format_args!("a page is another, {what}"),
        );
        ctx.check(
            2,
            directory.owned_by(&ada, at).await? == expected,
            format_args!("an owner's list is another, {what}"),
        );
        ctx.same(3, &directory.count(at).await?, &(expected.len() as u64), format_args!("the count, {what}"));
    }
    for (key, stored) in &kept {
        ctx.finds(4, store, key, now, Some(stored), "after lists at later times").await;
    }
    Ok(())
}
