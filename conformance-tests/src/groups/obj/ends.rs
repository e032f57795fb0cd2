//! Ends of sessions that were moved, or that another handle brought about.

use std::sync::Arc;

use session_core::{Object, Record, Revision, Timestamp};

use super::objects;
use crate::{
    ctx::Ctx,
    fixture::{Stage, shift, subjects},
    outcome::Outcome,
};

/// An object ends when its session does, wherever a touch or a save has moved that end since it was put.
pub(super) async fn objects_go_by_the_last_end(
    ctx: &Ctx,
    stage: &Stage<'_>,
    record: &Record,
    mut revision: Revision,
) -> Outcome {
    let (objects, key, now) = (objects(ctx)?, &stage.key, stage.now);
    let (soon, early, last) = (shift(now, 5), shift(now, 1_000), shift(Timestamp::MAX, -1));
    for by_save in [false, true] {
        let moved = async |revision, expires_at| {
            if by_save {
                stage.save(&Record { expires_at, ..record.clone() }, revision).await
            } else {
                stage.touch(revision, expires_at).await
            }
        };
        revision = moved(revision, early).await?;
        objects.put(key, "put late", Arc::new(by_save), now)?;
        revision = moved(revision, Timestamp::MAX).await?;
        for at in [early, last] {
            let found = objects.get(key, "put late", at);
            ctx.check(10, found.is_some(), "an object died at the end that its session had when it was put");
        }
        stage.store.delete_expired(last, usize::MAX).await?;
        let found = objects.get(key, "put late", last);
        ctx.check(11, found.is_some(), "a sweep ended the object of a session that lives");
        revision = moved(revision, soon).await?;
        let found = objects.get(key, "put late", soon);
        ctx.check(12, found.is_none(), "an object outlived its session, whose end came nearer");
    }
    Ok(())
}

/// Whichever handle ends a session, its objects end with it: they are let go, and no later session of that key
/// has them.
pub(super) async fn objects_end_with_a_session_that_another_handle_ends(ctx: &Ctx) -> Outcome {
    let (one, objects, now) = (ctx.store(), objects(ctx)?, ctx.now());
    let two = ctx.open_again().await?;
    for (turn, subject) in subjects(ctx).into_iter().enumerate() {
        let subject = subject.expiring(shift(now, 1_000));
        subject.create(one, now).await?;
        let object = Arc::new(turn);
        objects.put(&subject.key, "it", Arc::clone(&object) as Object, now)?;
        if turn % 2 == 0 {
            two.delete(&subject.key).await?;
        } else {
            two.delete_expired(shift(now, 1_000), usize::MAX).await?;
        }
        subject.create(&*two, now).await?;
        let found = objects.get(&subject.key, "it", now);
        ctx.check(1, found.is_none(), "an object came back with a session that another handle created");
        drop(found);
        ctx.same(
            2,
            &Arc::strong_count(&object),
            &1,
            "how many hold an object whose session another handle has ended",
        );
        one.delete(&subject.key).await?;
    }
    Ok(())
}
