//! Lists that are opened again.

use session_core::{Directory, Expect, Key, Owner, Record, Store, Stored, Timestamp};

use super::odd::odd_ones;
use crate::{
    ctx::{Ctx, directory_of},
    fixture::{Subject, crowd, owner, shift, subjects},
    outcome::Outcome,
};

/// Lists, owners and counts are as they were, whatever was done to the sessions since they were created.
pub(super) async fn the_directory_is_there_after_reopening(ctx: &Ctx) -> Outcome {
    let (namespace, store) = ctx.open_other().await?;
    let now = ctx.now();
    let mut all = live_on(ctx, &*store).await?;
    let odd = odd_ones(ctx);
    for subject in &odd {
        subject.create(&*store, now).await?;
        all += 1;
    }
    let directory = directory_of(&*store)?;
    let before = (directory.page(None, 1_000, now).await?, owned(directory, now).await?);
    drop(store);
    let store = ctx.open_namespace(&namespace).await?;
    let directory = directory_of(&*store)?;
    ctx.check(
        1,
        directory.page(None, 1_000, now).await? == before.0,
        "the page is another one after opening again",
    );
    ctx.check(2, owned(directory, now).await? == before.1, "an owner's list is another one");
    ctx.same(3, &directory.count(now).await?, &all, "the count after opening again");
    for Subject { key, record } in &odd {
        let Some(owner) = &record.owner else { continue };
        let owned = directory.owned_by(owner, now).await?;
        let is_theirs = owned.iter().any(|(listed, _)| listed == key);
        ctx.check(
            5,
            is_theirs,
            format_args!("opened again, {:?} does not have a session of theirs", owner.as_str()),
        );
    }
    let end = Timestamp::MAX;
    let listed = (
        directory.page(None, 100, end).await?.len(),
        owned(directory, end).await?.concat().len(),
        directory.count(end).await?,
    );
    ctx.same(4, &listed, &(0, 0, 0), "how many of the dead are listed, are an owner's and count");
    Ok(())
}

/// Creates sessions, changes owners and times, deletes some and sweeps one. Returns how many are left.
async fn live_on(ctx: &Ctx, store: &dyn Store) -> Outcome<u64> {
    let (now, mut left) = (ctx.now(), 0);
    for (number, subject) in subjects(ctx).into_iter().chain(crowd(ctx, 30)).enumerate() {
        let subject = if number == 20 { subject.expiring(shift(now, 1_000)) } else { subject };
        let revision = subject.create(store, now).await?.revision;
        if number % 3 == 0 {
            let owner = [owner("grace"), None, owner("ada")].into_iter().nth(number / 3 % 3).flatten();
            let record = Record { owner, ..subject.record };
            store.save(&subject.key, &record, Expect::Revision(revision), now).await?;
        }
        if number % 3 == 1 {
            store.touch(&subject.key, revision, shift(now, 1), shift(now, 5_000), now).await?;
        }
        if number % 8 == 5 {
            store.delete(&subject.key).await?;
        }
        left += u64::from(number % 8 != 5);
    }
    let swept = store.delete_expired(shift(now, 1_000), usize::MAX).await?;
    Ok(u64::saturating_sub(left, swept as u64))
}

/// Returns the lists of two owners.
async fn owned(directory: &dyn Directory, now: Timestamp) -> Outcome<Vec<Vec<(Key, Stored)>>> {
    let mut owned = Vec::new();
    for name in ["ada", "grace"] {
        owned.push(directory.owned_by(&Owner::new(name)?, now).await?);
    }
    Ok(owned)
}
