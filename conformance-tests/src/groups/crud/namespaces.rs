//! Namespaces beside each other.

use std::sync::Arc;

use session_core::{Expect, Store, Timestamp};

use crate::{
    ctx::Ctx,
    fixture::{Stage, shift, subjects},
    outcome::Outcome,
};

/// Two namespaces have nothing in common.
pub(super) async fn namespaces_do_not_meet(ctx: &Ctx) -> Outcome {
    let (_, other) = ctx.open_other().await?;
    for subject in subjects(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        ctx.finds(1, &*other, &stage.key, stage.now, None, "in another namespace").await;
        let twin = subject.with_data("the same key elsewhere").create(&*other, stage.now).await?;
        stage.is_unchanged(2, "after a create in another namespace").await;
        if let Some(directory) = other.directory() {
            let page = directory.page(None, 100, stage.now).await?;
            ctx.check(6, page == [(stage.key, twin.clone())], "a page is not that of its namespace");
            let count = directory.count(stage.now).await?;
            ctx.same(7, &count, &1, "the count of a namespace with one session");
            if let Some(owner) = &twin.record.owner {
                let owned = directory.owned_by(owner, stage.now).await?;
                ctx.check(8, owned == page, "an owner's list is not that of its namespace");
            }
        }
        objects_do_not_meet(ctx, &stage, &*other);
        stage.store.delete(&stage.key).await?;
        ctx.finds(3, &*other, &stage.key, stage.now, Some(&twin), "deleted in another namespace").await;
        ctx.same(4, &stage.store.delete_expired(Timestamp::MAX, 0).await?, &0, "a sweep of none");
        other.delete_expired(Timestamp::MAX, usize::MAX).await?;
        stage.clear(5).await?;
    }
    writes_do_not_meet(ctx, &*other).await
}

/// Saves and touches sessions of one key in both namespaces: neither changes the other.
async fn writes_do_not_meet(ctx: &Ctx, other: &dyn Store) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    for subject in subjects(ctx) {
        let (key, end) = (&subject.key, shift(now, 5_000));
        let here = subject.create(store, now).await?;
        let twin = subject.with_data("elsewhere").create(other, now).await?;
        let saved = subject.with_data("saved here").record;
        let revision = store.save(key, &saved, Expect::Revision(here.revision), now).await?;
        ctx.finds(13, other, key, now, Some(&twin), "saved in another namespace").await;
        store.touch(key, revision, now, end, now).await?;
        ctx.finds(14, other, key, now, Some(&twin), "touched in another namespace").await;
        let here = store.load(key, now).await?;
        let twin = other.load(key, now).await?.unwrap_or(twin);
        let saved = subject.with_data("saved elsewhere").record;
        other.save(key, &saved, Expect::Revision(twin.revision), now).await?;
        ctx.finds(15, store, key, now, here.as_ref(), "saved in another namespace").await;
        store.delete(key).await?;
        other.delete(key).await?;
    }
    Ok(())
}

/// Checks that a session of another namespace, though its key is the same, has objects of its own.
fn objects_do_not_meet(ctx: &Ctx, stage: &Stage<'_>, other: &dyn Store) {
    let (Some(here), Some(there)) = (stage.store.objects(), other.objects()) else { return };
    let (key, now) = (&stage.key, stage.now);
    let put = here.put(key, "it", Arc::new("here"), now);
    ctx.check(9, put.is_ok_and(|replaced| replaced.is_none()), "an object does not find its place free");
    ctx.check(10, there.get(key, "it", now).is_none(), "an object is found in another namespace");
    let put = there.put(key, "it", Arc::new("there"), now);
    ctx.check(
        11,
        put.is_ok_and(|replaced| replaced.is_none()),
        "an object replaces one of another namespace",
    );
    there.remove(key, "it", now);
    let found = here.get(key, "it", now);
    let is_mine = found.is_some_and(|found| found.downcast_ref::<&str>() == Some(&"here"));
    ctx.check(12, is_mine, "an object that was removed in another namespace is gone here");
}
