//! Listing sessions.

mod in_step;
mod instant;
mod many;
mod owners;
mod race;

use session_core::{Directory, Expect, Key, Owner, Store, Stored, Timestamp};

use self::{
    in_step::a_list_shows_no_session_older_than_another,
    instant::{
        a_list_called_after_an_ok_shows_it, an_owners_list_is_of_one_instant,
        an_owners_list_shows_nobody_elses,
    },
    many::{
        every_handle_lists_the_same, hundreds_of_sessions_are_all_listed, pages_tell_apart_what_begins_alike,
    },
    owners::{
        a_session_moves_with_its_owner, an_owner_has_all_of_theirs_in_order,
        an_owner_is_compared_byte_by_byte,
    },
    race::{
        an_owner_never_misses_a_session_being_written, pages_are_right_while_others_write,
        what_is_being_written_is_listed_and_counted,
    },
};
use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{Stage, Subject, crowd, pairs, subject, subjects},
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
            lst_016 hundreds_of_sessions_are_all_listed [directory];
            lst_017 pages_tell_apart_what_begins_alike [directory];
            lst_018 what_is_being_written_is_listed_and_counted [directory];
            lst_019 every_handle_lists_the_same [shared directory];
            lst_020 an_owners_list_shows_nobody_elses [directory];
            lst_021 a_list_called_after_an_ok_shows_it [directory];
            lst_022 an_owners_list_is_of_one_instant [directory];
            lst_023 a_list_shows_no_session_older_than_another [directory];
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
            ctx.same(
                4,
                &directory.owned_by(owner, now).await?.len(),
                &0,
                "what an owner has in an empty store",
            );
        }
    }
    Ok(())
}

/// Pages of any size show every live session exactly once, in ascending order of keys, with every field.
async fn pages_show_every_session_once_in_order(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let expected = fill(ctx, store, now).await?;
    let all = expected.len();
    // The last ones are nothing to somebody who keeps a limit in too few bits.
    let cut = [1 << 8, 1 << 16, usize::try_from(1_u64 << 32).unwrap_or(usize::MAX)];
    for size in [1, 2, 7, all - 1, all, all + 1, usize::MAX].into_iter().chain(cut) {
        let listed = walk(directory, size, now).await?;
        let keys = |listed: &[Listed]| listed.iter().map(|(key, _)| *key).collect::<Vec<_>>();
        ctx.check(1, keys(&listed).is_sorted(), format_args!("pages of {size} are not in order"));
        ctx.check(
            2,
            keys(&listed) == keys(&expected),
            format_args!("pages of {size} do not show each session once"),
        );
        ctx.check(3, listed == expected, format_args!("pages of {size} do not show sessions as they are"));
    }
    ctx.same(4, &directory.count(now).await?, &(all as u64), "the count");
    Ok(())
}

/// A session with its key, as it is listed.
pub(super) type Listed = (Key, Stored);

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
pub(super) async fn walk(directory: &dyn Directory, size: usize, now: Timestamp) -> Outcome<Vec<Listed>> {
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
        ctx.same(
            1,
            &seen.len(),
            &stable.len(),
            format_args!("how many that stayed were seen by pages of {size}"),
        );
        ctx.check(
            2,
            seen == stable,
            format_args!("pages of {size} showed what stayed out of order or changed"),
        );
    }
    Ok(())
}

/// Creates two sessions somewhere, and deletes one of them and the one of three steps before.
async fn come_and_go(ctx: &Ctx, store: &dyn Store, step: u16, now: Timestamp) -> Outcome {
    let somewhere = |step: u16| {
        let spread = step.wrapping_mul(40_503).to_be_bytes();
        Subject {
            key: Key::from_bytes([spread, [1, 2]].concat().repeat(4).try_into().unwrap_or_default()),
            ..subject(ctx)
        }
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
