//! The sessions of an owner.

use session_core::{Expect, Owner, Record, Stored};

use super::{Listed, fill};
use crate::{
    ctx::Ctx,
    fixture::{Subject, crowd, names_alike, owner},
    outcome::Outcome,
};

/// Owners are compared byte by byte: case, spaces, length, marks, numbers and patterns make another owner.
pub(super) async fn an_owner_is_compared_byte_by_byte(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let names = names_alike();
    let (crowd, mut expected) = (crowd(ctx, names.len()), Vec::new());
    for (name, subject) in names.into_iter().zip(crowd) {
        let record = Record { owner: owner(&name), ..subject.record.clone() };
        let mine = Subject { key: subject.key, record };
        expected.push((name, (mine.key, mine.create(store, now).await?)));
    }
    for (name, listed) in &expected {
        let owned = directory.owned_by(&Owner::new(name)?, now).await?;
        ctx.check(
            1,
            owned == [listed.clone()],
            format_args!("the owner {name:?} has {} sessions", owned.len()),
        );
    }
    let nobody = directory.owned_by(&Owner::new("nobody")?, now).await?;
    ctx.same(2, &nobody.len(), &0, "how many sessions someone has who has none");
    for (_, (key, _)) in &expected {
        store.delete(key).await?;
    }
    one_session_has_each_owner(ctx, expected).await
}

/// Saves one session with one owner after the other, of whom many are nearly the one before.
async fn one_session_has_each_owner(ctx: &Ctx, owners: Vec<(String, Listed)>) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let mut mine: Option<Listed> = None;
    for (name, (key, Stored { record, .. })) in owners {
        let (key, old) = mine.map_or((key, None), |(key, old)| (key, Some(old)));
        let expect = old.as_ref().map_or(Expect::Absent, |old| Expect::Revision(old.revision));
        let revision = store.save(&key, &record, expect, now).await?;
        let (now_mine, owner) = ((key, Stored { record, revision }), Owner::new(&name)?);
        ctx.finds(3, store, &key, now, Some(&now_mine.1), format!("saved with the owner {name:?}")).await;
        let owned = directory.owned_by(&owner, now).await?;
        ctx.check(4, owned == [now_mine.clone()], format_args!("the list of {name:?}, who has it by a save"));
        if let Some(before) = old.and_then(|old| old.record.owner) {
            let left = directory.owned_by(&before, now).await?;
            ctx.check(
                5,
                left.is_empty(),
                format_args!("what {name:?} got is on the list of who had it before"),
            );
        }
        mine = Some(now_mine);
    }
    Ok(())
}

/// An owner's list is all of theirs and no other, in order, with every field.
pub(super) async fn an_owner_has_all_of_theirs_in_order(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let all = fill(ctx, store, now).await?;
    let owners: Vec<Owner> = all.iter().filter_map(|(_, stored)| stored.record.owner.clone()).collect();
    for owner in &owners {
        let theirs = |(_, stored): &&Listed| stored.record.owner.as_ref() == Some(owner);
        let expected: Vec<_> = all.iter().filter(theirs).cloned().collect();
        let owned = directory.owned_by(owner, now).await?;
        ctx.check(2, owned.is_sorted_by_key(|(key, _)| *key), "an owner's list is not in order");
        ctx.check(3, owned == expected, "an owner's list is not what is theirs");
    }
    Ok(())
}

/// A save that gives a session another owner, or none, moves it from list to list; a delete takes it out.
pub(super) async fn a_session_moves_with_its_owner(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let (ada, grace) = (Owner::new("ada")?, Owner::new("grace")?);
    let mut stay = Vec::new();
    for (subject, owner) in crowd(ctx, 12).into_iter().skip(10).zip([&ada, &grace]) {
        let stays = Subject { record: Record { owner: Some(owner.clone()), ..subject.record }, ..subject };
        stay.push((owner, (stays.key, stays.create(store, now).await?)));
    }
    for subject in crowd(ctx, 10) {
        let mut stored = subject.create(store, now).await?;
        for owner in [Some(&ada), Some(&grace), None, Some(&grace), Some(&grace), Some(&ada), None] {
            let record = Record { owner: owner.cloned(), ..subject.record.clone() };
            let revision = store.save(&subject.key, &record, Expect::Revision(stored.revision), now).await?;
            stored = Stored { record, revision };
            for candidate in [&ada, &grace] {
                let mut owned = directory.owned_by(candidate, now).await?;
                let stays =
                    owned.extract_if(.., |listed| stay.iter().any(|(_, stays)| stays == listed)).count();
                ctx.same(3, &stays, &1, "how many sessions an owner has that did not move");
                let expected =
                    if owner == Some(candidate) { vec![(subject.key, stored.clone())] } else { Vec::new() };
                ctx.check(1, owned == expected, "a session did not move with its owner");
            }
        }
        let record = Record { owner: Some(ada.clone()), ..subject.record.clone() };
        store.save(&subject.key, &record, Expect::Revision(stored.revision), now).await?;
        store.delete(&subject.key).await?;
        ctx.same(
            2,
            &directory.owned_by(&ada, now).await?.len(),
            &1,
            "what an owner has when a session was deleted",
        );
    }
    Ok(())
}
