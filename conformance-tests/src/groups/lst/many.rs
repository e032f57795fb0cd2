//! Lists of many sessions, of keys that are nearly alike, and for several handles.

use session_core::{Directory, Error, Expect, Key, Owner, Record, Result, Revision, Store, Timestamp};

use super::{Listed, walk};
use crate::{
    ctx::{Ctx, directory_of},
    fixture::{Subject, crowd, in_front, owner, shift, subject},
    outcome::Outcome,
};

/// How many sessions die first, and lie in front of all others.
const DYING: usize = 150;

/// Hundreds of sessions are all counted, on pages and in their owner's list; the dead in front of them are no
/// end.
pub(super) async fn hundreds_of_sessions_are_all_listed(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let (ada, crowd, mut all) = (Owner::new("ada")?, crowd(ctx, 1_700), Vec::new());
    for number in ctx.rounds(270, 1_700) {
        let Some(subject) = crowd.get(number) else { break };
        let owner = (number % 3 != 0).then(|| ada.clone());
        let record = Record { owner, ..subject.record.clone() };
        let mut mine = Subject { key: subject.key, record };
        if number < DYING {
            mine = Subject { key: in_front(&mine.key), ..mine }.expiring(shift(now, 1_000));
        }
        all.push((mine.key, mine.create(store, now).await?));
    }
    all.sort_by_key(|(key, _)| *key);
    ctx.same(1, &directory.count(now).await?, &(all.len() as u64), "the count of hundreds");
    for size in [100, usize::MAX] {
        ctx.check(
            2,
            walk(directory, size, now).await? == all,
            format_args!("pages of {size} do not show all of hundreds"),
        );
    }
    let owned: Vec<Listed> =
        all.iter().filter(|(_, stored)| stored.record.owner.is_some()).cloned().collect();
    ctx.check(
        3,
        directory.owned_by(&ada, now).await? == owned,
        "the list of an owner of hundreds is not all of theirs",
    );
    let later = shift(now, 1_000);
    all.retain(|(_, stored)| stored.record.is_live(later));
    for size in [1, 5, 100] {
        let page = directory.page(None, size, later).await?;
        let is_first = page.iter().eq(all.iter().take(size));
        ctx.check(4, is_first, format_args!("a page of {size} ends at {DYING} dead in front of the living"));
    }
    ctx.check(4, walk(directory, 100, later).await? == all, "pages end at the dead in front of the living");
    ctx.lists_show(5, directory, all, later, "behind the dead in front of the living").await
}

/// Keys that begin alike, by whatever number of bytes, are as good places to go on from as any, and so are the
/// first and the last that there can be.
pub(super) async fn pages_tell_apart_what_begins_alike(ctx: &Ctx) -> Outcome {
    let (store, directory, now) = (ctx.store(), ctx.directory()?, ctx.now());
    let (one, ada) = (subject(ctx), Owner::new("ada")?);
    let (mut keys, mut all) = (vec![[0; Key::BYTES], [0xff; Key::BYTES]], Vec::new());
    for place in [0, 1, 4, 7, 8, 12, 15] {
        for bit in [0x01, 0x80] {
            let mut key = *one.key.as_bytes();
            key.iter_mut().skip(place).take(1).for_each(|byte| *byte ^= bit);
            keys.push(key);
        }
    }
    for key in keys {
        let record = Record { owner: Some(ada.clone()), ..one.record.clone() };
        let mine = Subject { key: Key::from_bytes(key), record };
        all.push((mine.key, mine.create(store, now).await?));
    }
    all.sort_by_key(|(key, _)| *key);
    for size in [1, 2, 3, 5] {
        let listed = walk(directory, size, now).await?;
        ctx.check(1, listed == all, format_args!("pages of {size} do not show all keys that begin alike"));
    }
    ctx.check(
        2,
        directory.owned_by(&ada, now).await? == all,
        "an owner's list is out of order where keys begin alike",
    );
    Ok(())
}

/// What one handle writes every other lists, whatever the verb.
pub(super) async fn every_handle_lists_the_same(ctx: &Ctx) -> Outcome {
    let (store, now, ada) = (ctx.store(), ctx.now(), Owner::new("ada")?);
    let second = ctx.open_again().await?;
    for subject in crowd(ctx, 8) {
        let stored = subject.create(store, now).await?;
        lists_agree(ctx, 1, &*second, now).await?;
        let record = Record { owner: Some(ada.clone()), ..subject.record.clone() };
        let saved = second.save(&subject.key, &record, Expect::Revision(stored.revision), now).await?;
        lists_agree(ctx, 2, &*second, now).await?;
        store.touch(&subject.key, saved, now, Timestamp::MAX, now).await?;
        lists_agree(ctx, 3, &*second, now).await?;
    }
    for subject in crowd(ctx, 4) {
        store.delete(&subject.key).await?;
        lists_agree(ctx, 4, &*second, now).await?;
    }
    let end = shift(now, 1_000);
    for (number, subject) in crowd(ctx, 8).into_iter().skip(4).enumerate() {
        let expires_at = if number < 2 { end } else { Timestamp::MAX };
        let grace = Record { owner: owner("grace"), expires_at, ..subject.record };
        let nobody = Record { owner: None, ..grace.clone() };
        save_over(&*second, &subject.key, &grace, now).await?;
        lists_agree(ctx, 5, &*second, now).await?;
        if number % 2 == 1 {
            save_over(store, &subject.key, &nobody, now).await?;
            lists_agree(ctx, 5, &*second, now).await?;
        }
    }
    // Asked at an earlier time, a list still has no place for what was swept.
    second.delete_expired(end, usize::MAX).await?;
    lists_agree(ctx, 6, &*second, now).await
}

/// Saves a record over whatever is there.
async fn save_over(store: &dyn Store, key: &Key, record: &Record, now: Timestamp) -> Result<Revision> {
    let found = store.load(key, now).await?.ok_or(Error::Missing)?;
    store.save(key, record, Expect::Revision(found.revision), now).await
}

/// Checks that the store of the case and another handle list the same, and what can be loaded.
async fn lists_agree(ctx: &Ctx, number: u32, second: &dyn Store, now: Timestamp) -> Outcome {
    let mut expected: Vec<Listed> = Vec::new();
    for subject in crowd(ctx, 8) {
        expected.extend(ctx.store().load(&subject.key, now).await?.map(|stored| (subject.key, stored)));
    }
    for directory in [ctx.directory()?, directory_of(second)?] {
        ctx.lists_show(number, directory, expected.clone(), now, "one of two handles").await?;
    }
    Ok(())
}

/// Returns whether the directory shows so many sessions on a page, and counts as many.
pub(super) async fn shows(directory: &dyn Directory, all: usize, now: Timestamp) -> Outcome<(bool, bool)> {
    let page = directory.page(None, usize::MAX, now).await?;
    Ok((page.len() == all, directory.count(now).await? == all as u64))
}
