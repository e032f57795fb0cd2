//! Listing sessions.

use session_core::{
    Directory, Error, Expect, Key, Owner, Record, Result, Revision, Store, Stored, Timestamp,
};

use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{Stage, Subject, crowd, owner, pairs, race, subject, subjects},
    outcome::Outcome,
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! lst_cases {
    ($then:path, $args:tt) => {
        $then! { $args Lst
            lst_001 an_empty_store_lists_nothing [directory];
            lst_002 pages_show_every_session_once_in_order [directory];
            lst_003 what_stays_is_seen_once_while_others_come_and_go [directory];
            lst_004 a_page_goes_on_from_any_key [directory];
            lst_006 a_page_of_none_is_empty [directory];
            lst_009 an_owner_is_compared_byte_by_byte [directory];
            lst_010 an_owner_has_all_of_theirs_in_order [directory];
            lst_011 a_session_moves_with_its_owner [directory];
            lst_012 the_count_follows_every_call [directory];
            lst_013 a_listed_revision_fits_the_next_write [directory];
            lst_000 an_owner_never_misses_a_session_being_written [directory];
            lst_015 pages_are_right_while_others_write [directory];
        }
    };
}
lst_cases!(crate::macros::case_table, ());

/// An empty store lists nothing and counts none.
async fn an_empty_store_lists_nothing(ctx: &Ctx) -> Outcome {
    let (directory, now) = (ctx.directory()?, ctx.now());
    for subject in subjects(ctx) {
        ctx.same(1, &directory.page(None, 100, now).await?.len(), &0, "a page of an empty store");
        ctx.same(2, &directory.page(Some(&subject.key), 100, now).await?.len(), &0, "a later page");
        ctx.same(3, &directory.count(now).await?, &0, "the count of an empty store");
        if let Some(owner) = &subject.record.owner {
            ctx.same(4, &directory.owned_by(owner, now).await?.len(), &0, "what an owner has in an empty store");
        }
    }
    Ok(())
}

/// Pages of any size show every live session exactly once, in ascending order of keys, with every field.
async fn pages_show_every_session_once_in_order(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let expected = fill(ctx, store, now).await?;
    let all = expected.len();
    for size in [1, 2, 7, all - 1, all, all + 1, usize::MAX] {
        let listed = walk(directory, size, now).await?;
        let keys = |listed: &[Listed]| listed.iter().map(|(key, _)| *key).collect::<Vec<_>>();
        ctx.check(1, keys(&listed).is_sorted(), format_args!("pages of {size} are not in order"));
        ctx.check(2, keys(&listed) == keys(&expected), format_args!("pages of {size} do not show each session once"));
        ctx.check(3, listed == expected, format_args!("pages of {size} do not show sessions as they are"));
    }
    ctx.same(4, &directory.count(now).await?, &(all as u64), "the count");
    Ok(())
}

/// A session with its key, as it is listed.
type Listed = (Key, Stored);

/// Fills the store with sessions of all kinds, and returns them in order.
async fn fill(ctx: &Ctx, store: &dyn Store, now: Timestamp) -> Outcome<Vec<Listed>> {
    let mut filled = Vec::new();
    for subject in subjects(ctx).into_iter().chain(crowd(ctx, 40)) {
        filled.push((subject.key, subject.create(store, now).await?));
    }
    filled.sort_by_key(|(key, _)| *key);
    Ok(filled)
}

/// Goes through all pages.
async fn walk(directory: &dyn Directory, size: usize, now: Timestamp) -> Outcome<Vec<Listed>> {
    let mut listed: Vec<Listed> = Vec::new();
    // A store that gives the same page for ever must not hold up the case.
    for _ in 0..1_000 {
        let after = listed.last().map(|(key, _)| *key);
        let page = directory.page(after.as_ref(), size, now).await?;
        if page.is_empty() {
            break;
        }
        listed.extend(page);
    }
    Ok(listed)
}

/// Sessions that stay are seen exactly once, whatever is created and deleted between the pages.
async fn what_stays_is_seen_once_while_others_come_and_go(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let stable = fill(ctx, store, now).await?;
    for size in [1, 3, 10] {
        let (mut seen, mut after) = (Vec::new(), None);
        for step in 0..1_000_u16 {
            let page = directory.page(after.as_ref(), size, now).await?;
            let Some((last, _)) = page.last() else { break };
            after = Some(*last);
            seen.extend(page.into_iter().filter(|listed| stable.contains(listed)));
            come_and_go(ctx, store, step, now).await?;
        }
        ctx.same(1, &seen.len(), &stable.len(), format_args!("how many that stayed were seen by pages of {size}"));
        ctx.check(2, seen == stable, format_args!("pages of {size} showed what stayed out of order or changed"));
    }
    Ok(())
}

/// Creates two sessions somewhere, and deletes one of them and the one of three steps before.
async fn come_and_go(ctx: &Ctx, store: &dyn Store, step: u16, now: Timestamp) -> Outcome {
    let somewhere = |step: u16| {
        let spread = step.wrapping_mul(40_503).to_be_bytes();
        Subject { key: Key::from_bytes([spread, [1, 2]].concat().repeat(4).try_into().unwrap_or_default()), ..subject(ctx) }
    };
    let (mine, other) = (somewhere(2 * step), somewhere(2 * step + 1));
    for one in [&mine, &other] {
        store.delete(&one.key).await?;
        one.create(store, now).await?;
    }
    store.delete(&other.key).await?;
    Ok(store.delete(&somewhere(2 * step.saturating_sub(3)).key).await?)
}

/// A key that is not there, or not any more, is as good a place to go on from.
async fn a_page_goes_on_from_any_key(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let mut all = fill(ctx, store, now).await?;
    for gone in [0, all.len() / 2, all.len() - 4] {
        let (key, _) = all.remove(gone);
        store.delete(&key).await?;
        let page = directory.page(Some(&key), 5, now).await?;
        let expected: Vec<_> = all.iter().filter(|(other, _)| *other > key).take(5).cloned().collect();
        ctx.check(1, page == expected, "the page after a deleted session is not what follows it");
    }
    for absent in [[0x00; 16], [0x33; 16], [0x7f; 16], [0xff; 16]].map(Key::from_bytes) {
        let page = directory.page(Some(&absent), 7, now).await?;
        let expected: Vec<_> = all.iter().filter(|(other, _)| *other > absent).take(7).cloned().collect();
        ctx.check(2, page == expected, format_args!("the page after {absent} is not what follows it"));
    }
    Ok(())
}

/// A limit of 0 is an empty page.
async fn a_page_of_none_is_empty(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let all = fill(ctx, store, now).await?;
    for after in [None, Some(Key::from_bytes([0; 16])), all.get(3).map(|(key, _)| *key)] {
        ctx.same(1, &directory.page(after.as_ref(), 0, now).await?.len(), &0, "a page of none");
    }
    let last = directory.page(Some(&Key::from_bytes([0xff; 16])), usize::MAX, now).await?;
    ctx.same(2, &last.len(), &0, "the page after the last key there can be");
    Ok(())
}

/// Owners are compared byte by byte: case, spaces, length and patterns make another owner.
async fn an_owner_is_compared_byte_by_byte(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let longest = "a".repeat(Owner::MAX_BYTES);
    let names = [
        "ada", "Ada", "ADA", "ada ", " ada", "ada\0", "ad", "adaa", "%", "_da", "*", "a.a", "ad\u{e4}", "ada\u{308}",
        "'", "' OR ''='", "\\", "ada\n", "../ada", "0", "null", &longest, &longest[1..],
    ];
    let mut expected = Vec::new();
    for (name, subject) in names.into_iter().zip(crowd(ctx, names.len())) {
        let record = Record { owner: owner(name), ..subject.record.clone() };
        let mine = Subject { key: subject.key, record };
        expected.push((name, (mine.key, mine.create(store, now).await?)));
    }
    for (name, listed) in &expected {
        let owned = directory.owned_by(&Owner::new(name)?, now).await?;
        ctx.check(1, owned == [listed.clone()], format_args!("the owner {name:?} has {} sessions", owned.len()));
    }
    let nobody = directory.owned_by(&Owner::new("nobody")?, now).await?;
    ctx.same(2, &nobody.len(), &0, "how many sessions someone has who has none");
    Ok(())
}

/// An owner's list is all of theirs and no other, in order, with every field.
async fn an_owner_has_all_of_theirs_in_order(ctx: &Ctx) -> Outcome {
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
async fn a_session_moves_with_its_owner(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let (ada, grace) = (Owner::new("ada")?, Owner::new("grace")?);
    for subject in crowd(ctx, 10) {
        let mut stored = subject.create(store, now).await?;
        for owner in [Some(&ada), Some(&grace), None, Some(&grace), Some(&grace), Some(&ada), None] {
            let record = Record { owner: owner.cloned(), ..subject.record.clone() };
            let revision = store.save(&subject.key, &record, Expect::Revision(stored.revision), now).await?;
            stored = Stored { record, revision };
            for candidate in [&ada, &grace] {
                let owned = directory.owned_by(candidate, now).await?;
                let expected = if owner == Some(candidate) { vec![(subject.key, stored.clone())] } else { Vec::new() };
                ctx.check(1, owned == expected, "a session did not move with its owner");
            }
        }
        let record = Record { owner: Some(ada.clone()), ..subject.record.clone() };
        store.save(&subject.key, &record, Expect::Revision(stored.revision), now).await?;
        store.delete(&subject.key).await?;
        ctx.same(2, &directory.owned_by(&ada, now).await?.len(), &0, "what is left of a deleted session");
    }
    Ok(())
}

/// The count goes along with every call, and refused ones do not move it.
async fn the_count_follows_every_call(ctx: &Ctx) -> Outcome {
    let (directory, now) = (ctx.directory()?, ctx.now());
    for (subject, other) in pairs(ctx) {
        let before = directory.count(now).await?;
        let stage = Stage::set(ctx, &subject).await?;
        let full = directory.count(now).await?;
        ctx.check(1, full > before, "a create does not count");
        ctx.answers(6, &stage.create(&other).await, Answer::Exists, "a second create");
        stage.save(&other, stage.revision()).await?;
        ctx.answers(7, &stage.save(&other, stage.revision()).await, Answer::Conflict, "a stale save");
        stage.touch(stage.revision().next()?, Timestamp::MAX).await?;
        ctx.same(2, &directory.count(now).await?, &full, "the count after saves and a touch");
        stage.store.delete(&stage.key).await?;
        stage.store.delete(&stage.key).await?;
        ctx.same(3, &directory.count(now).await?, &full.saturating_sub(1), "the count after a delete");
        stage.clear(4).await?;
        ctx.same(5, &directory.count(now).await?, &before, "the count after all were deleted");
    }
    Ok(())
}

/// A list shows the revision that fits the next write.
async fn a_listed_revision_fits_the_next_write(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    fill(ctx, store, now).await?;
    for (key, stored) in directory.page(None, usize::MAX, now).await? {
        let saved = store.save(&key, &stored.record, Expect::Revision(stored.revision), now).await;
        ctx.answers(1, &saved, Answer::Ok, "a save at a listed revision");
    }
    for (key, stored) in directory.owned_by(&Owner::new("ada")?, now).await? {
        let saved = store.touch(&key, stored.revision, now, Timestamp::MAX, now).await;
        ctx.answers(2, &saved, Answer::Ok, "a touch at a revision in an owner's list");
    }
    Ok(())
}

/// Someone who looks through an owner's sessions sees one that is being saved or touched, every time.
async fn an_owner_never_misses_a_session_being_written(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let ada = &Owner::new("ada")?;
    let few: Vec<_> = crowd(ctx, 12).into_iter().filter(|subject| subject.record.owner.is_some()).collect();
    for _ in ctx.rounds(2, 10_000) {
        let mut begun = Vec::new();
        for subject in &few {
            begun.push((subject, subject.create(store, now).await?.revision));
        }
        let (begun, expected) = (&begun, few.len());
        let missed = race(3, |number| async move {
            let mut missed = 0;
            for step in 0..30 {
                if number == 0 {
                    write_all(store, begun, step, now).await?;
                } else {
                    let owned = directory.owned_by(ada, now).await?;
                    missed += usize::from(owned.len() != expected || !owned.is_sorted_by_key(|(key, _)| *key));
                }
            }
            Ok::<_, Error>(missed)
        });
        let missed: usize = missed.await?.into_iter().collect::<Result<Vec<_>>>()?.into_iter().sum();
        ctx.same(1, &missed, &0, "how many looks missed a session that was being written, or saw it twice");
        for subject in &few {
            store.delete(&subject.key).await?;
        }
    }
    Ok(())
}

async fn write_all(store: &dyn Store, begun: &[(&Subject, Revision)], step: i64, now: Timestamp) -> Result<()> {
    for (subject, first) in begun {
        let revision = Revision::from_i64(first.as_i64() + step)?;
        if step % 2 == 0 {
            store.save(&subject.key, &subject.record, Expect::Revision(revision), now).await?;
        } else {
            store.touch(&subject.key, revision, now, Timestamp::MAX, now).await?;
        }
    }
    Ok(())
}

/// Pages that are read while others create, write and delete show what stays exactly once.
async fn pages_are_right_while_others_write(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let stable = &fill(ctx, store, now).await?;
    for round in ctx.rounds(2, 10_000) {
        let seen = race(3, |number| async move {
            if number == 0 {
                let listed = walk(directory, 5, now).await?;
                return Ok(listed.into_iter().filter(|listed| stable.contains(listed)).collect());
            }
            for step in 0..20 {
                let step = u16::try_from(number * 10_000 + round * 20 + step).unwrap_or(u16::MAX / 4);
                // Two threads may meet at one key, and one of them be refused.
                let _ = come_and_go(ctx, store, step % 16_000, now).await;
            }
            Ok(Vec::new())
        });
        let seen: Vec<Listed> = seen.await?.into_iter().collect::<Outcome<Vec<_>>>()?.concat();
        ctx.check(1, seen == *stable, format_args!("{} of {} that stayed were seen", seen.len(), stable.len()));
    }
    Ok(())
}
