//! Caps that are large, and what refused creations and lists make of one.

use session_core::{Error, Owner, Record};

use super::{large::whoever_is_too_large_evicts_nobody, there};
use crate::{
    checks::Answer,
    ctx::{Ctx, directory_of},
    fixture::{Subject, crowd},
    outcome::Outcome,
};

/// A cap of some hundreds holds as many as it says.
pub(super) async fn a_cap_of_hundreds_holds_hundreds(ctx: &Ctx) -> Outcome {
    let (now, crowd, store) = (ctx.now(), crowd(ctx, 270), &*ctx.open_capped(260).await?);
    for (number, subject) in crowd.iter().enumerate() {
        subject.create(store, now).await?;
        if [255, 256, 257, 259, 269].contains(&number) {
            let expected = (number + 1).min(260);
            ctx.same(
                1,
                &there(store, &crowd, now).await?.len(),
                &expected,
                "how many are there at a cap of 260",
            );
        }
    }
    Ok(())
}

/// A creation that is refused takes up no room, however often it is tried.
pub(super) async fn a_refused_create_takes_up_no_room(ctx: &Ctx) -> Outcome {
    let (now, crowd) = (ctx.now(), crowd(ctx, 6));
    let store = &*ctx.open_capped(5).await?;
    for (number, subject) in crowd.iter().take(5).enumerate() {
        subject.create(store, now).await?;
        for taken in crowd.iter().take(number + 1) {
            ctx.answers(1, &taken.create(store, now).await, Answer::Exists, "a create of a taken key");
        }
    }
    let expected: Vec<usize> = (0..5).collect();
    ctx.same(2, &there(store, &crowd, now).await?, &expected, "who is there after refused creates");
    store.delete(&crowd.first().ok_or(Error::Missing)?.key).await?;
    crowd.last().ok_or(Error::Missing)?.create(store, now).await?;
    let expected: Vec<usize> = (1..6).collect();
    ctx.same(3, &there(store, &crowd, now).await?, &expected, "who is there after one left and one came");
    whoever_is_too_large_evicts_nobody(ctx).await
}

/// Whoever was evicted is on no list and in no count, and nobody else is missing.
pub(super) async fn the_evicted_are_gone_from_the_directory(ctx: &Ctx) -> Outcome {
    let (now, crowd, ada) = (ctx.now(), crowd(ctx, 12), Owner::new("ada")?);
    let store = &*ctx.open_capped(4).await?;
    let directory = directory_of(store)?;
    for (number, subject) in crowd.iter().enumerate() {
        let owner = (number % 4 != 0).then(|| ada.clone());
        let record = Record { owner, ..subject.record.clone() };
        Subject { key: subject.key, record }.create(store, now).await?;
        let mut expected = Vec::new();
        for subject in &crowd {
            expected.extend(store.load(&subject.key, now).await?.map(|stored| (subject.key, stored)));
        }
        expected.sort_unstable_by_key(|(key, _)| *key);
        ctx.check(
            1,
            directory.page(None, 100, now).await? == expected,
            "a page is not who is there at a cap",
        );
        ctx.same(2, &directory.count(now).await?, &(expected.len() as u64), "the count at a cap");
        expected.retain(|(_, stored)| stored.record.owner.is_some());
        ctx.check(
            3,
            directory.owned_by(&ada, now).await? == expected,
            "an owner's list is not who is there at a cap",
        );
    }
    Ok(())
}
