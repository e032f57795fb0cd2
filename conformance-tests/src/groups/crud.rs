//! Loading, saving and deleting.

use session_core::Expect;

use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{Neighbours, subjects},
    outcome::Outcome,
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! crud_cases {
    ($then:path, $args:tt) => {
        $then! { $args Crud
            crud_001 a_key_that_was_never_saved_is_absent [];
            crud_002 what_is_created_is_loaded_with_every_field [];
            crud_003 a_save_replaces_the_whole_record [];
            crud_004 a_deleted_session_is_absent [];
        }
    };
}
crud_cases!(crate::macros::case_table, ());

/// An empty store has nothing, and looking creates nothing.
async fn a_key_that_was_never_saved_is_absent(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    for subject in subjects(ctx) {
        ctx.finds(1, store, &subject.key, now, None, "in an empty store").await;
        let neighbours = Neighbours::around(&subject.key, store, now).await?;
        ctx.finds(2, store, &subject.key, now, None, "between other sessions").await;
        ctx.finds(3, store, &subject.key, now, None, "after it was looked for").await;
        neighbours.leave(store).await?;
        ctx.finds(4, store, &subject.key, now, None, "after the others were deleted").await;
    }
    Ok(())
}

/// Every field comes back as it was given: the bytes, both times and the owner.
async fn what_is_created_is_loaded_with_every_field(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    for subject in subjects(ctx) {
        let neighbours = Neighbours::around(&subject.key, store, now).await?;
        let stored = subject.create(store, now).await?;
        ctx.finds(1, store, &subject.key, now, Some(&stored), "a created session").await;
        ctx.finds(2, store, &subject.key, now, Some(&stored), "loaded a second time").await;
        neighbours.unharmed(ctx, 3, store, now, "after a session was created").await;
        neighbours.leave(store).await?;
        ctx.finds(4, store, &subject.key, now, Some(&stored), "after others were deleted").await;
    }
    Ok(())
}

/// A save merges nothing: of the old record no field and no byte is left.
async fn a_save_replaces_the_whole_record(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    let all = subjects(ctx);
    for (subject, other) in all.iter().zip(all.iter().rev()) {
        let neighbours = Neighbours::around(&subject.key, store, now).await?;
        let old = subject.create(store, now).await?;
        let saved = store.save(&subject.key, &other.record, Expect::Revision(old.revision), now).await;
        if ctx.answers(1, &saved, Answer::Ok, "a save at the right revision") {
            let new = other.at(saved?);
            ctx.finds(2, store, &subject.key, now, Some(&new), "after a save").await;
        }
        neighbours.unharmed(ctx, 3, store, now, "after a save").await;
        neighbours.leave(store).await?;
    }
    Ok(())
}

/// After a delete nothing is there; the others are.
async fn a_deleted_session_is_absent(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    for subject in subjects(ctx) {
        let neighbours = Neighbours::around(&subject.key, store, now).await?;
        subject.create(store, now).await?;
        ctx.answers(1, &store.delete(&subject.key).await, Answer::Ok, "a delete");
        ctx.finds(2, store, &subject.key, now, None, "after a delete").await;
        neighbours.unharmed(ctx, 3, store, now, "after a delete").await;
        neighbours.leave(store).await?;
    }
    Ok(())
}
