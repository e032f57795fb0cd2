//! Loading, saving and deleting.

mod many;
mod namespaces;
mod twins;

use bytes::Bytes;
use session_core::{Expect, Record, Revision, Stored, Timestamp};

use self::{
    many::many_sessions_are_all_there, namespaces::namespaces_do_not_meet,
    twins::sessions_with_the_same_record_are_several,
};
use crate::{
    checks::{Answer, difference},
    ctx::Ctx,
    fixture::{Neighbours, Stage, Subject, after, pairs, shift, subject, subjects, touched},
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
            crud_005 deleting_what_is_not_there_is_ok [];
            crud_006 deleting_twice_is_ok [];
            crud_007 no_data_is_not_no_session [];
            crud_009 a_save_at_a_revision_never_creates [];
            crud_010 what_was_loaded_does_not_change [];
            crud_011 the_store_keeps_its_own_copy [];
            crud_012 every_handle_sees_the_same_sessions [shared];
            crud_013 many_sessions_are_all_there [];
            crud_014 namespaces_do_not_meet [];
            crud_015 a_delete_ends_the_dead_as_well [];
            crud_016 sessions_with_the_same_record_are_several [];
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
        neighbours.unharmed(ctx, 4, store, now, "after a look at an absent session").await;
        neighbours.leave(store).await?;
    }
    Ok(())
}

/// Every field comes back as it was given: the bytes, both times and the owner; and it does so every time.
async fn what_is_created_is_loaded_with_every_field(ctx: &Ctx) -> Outcome {
    for subject in subjects(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        stage.is_unchanged(1, "a created session").await;
        stage.is_unchanged(2, "loaded a second time").await;
        stage.clear(3).await?;
    }
    Ok(())
}

/// A save merges nothing: of the old record no field and no byte is left.
async fn a_save_replaces_the_whole_record(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let saved = stage.save(&other, stage.revision()).await;
        ctx.answers(1, &saved, Answer::Ok, "a save at the right revision");
        stage.finds(2, Some(&after(stage.revision(), &other)?), "after a save").await;
        let saved = stage.save(&subject.record, stage.revision().next()?).await;
        ctx.answers(3, &saved, Answer::Ok, "a save at the revision that a save made");
        let twice = after(stage.revision().next()?, &subject.record)?;
        stage.finds(4, Some(&twice), "after the first record was saved again").await;
        let mut stored = twice;
        for changed in one_by_one(&subject.record, &other) {
            let saved = stage.save(&changed, stored.revision).await;
            ctx.answers(6, &saved, Answer::Ok, "a save in which one field is another");
            stored = after(stored.revision, &changed)?;
            stage.finds(7, Some(&stored), "after a save in which one field is another").await;
        }
        stage.clear(5).await?;
    }
    Ok(())
}

/// Returns records of which each differs from the one before in one field, from `one` to `two`.
fn one_by_one(one: &Record, two: &Record) -> [Record; 4] {
    let accessed = Record { accessed_at: shift(one.accessed_at, 1), ..one.clone() };
    let owned = Record { owner: two.owner.clone().xor(one.owner.clone()), ..accessed.clone() };
    let lasting = Record { expires_at: shift(one.expires_at, -1), ..owned.clone() };
    let full = Record { data: two.data.clone(), ..lasting.clone() };
    [accessed, owned, lasting, full]
}

/// After a delete nothing is there, at whatever time one looks; the others are.
async fn a_deleted_session_is_absent(ctx: &Ctx) -> Outcome {
    for subject in subjects(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        ctx.answers(1, &stage.store.delete(&stage.key).await, Answer::Ok, "a delete");
        stage.finds(2, None, "after a delete").await;
        stage.finds_at(3, Timestamp::EPOCH, None, "after a delete, at the epoch").await;
        stage.clear(4).await?;
    }
    Ok(())
}

/// Deleting what is not there is no error, and harms nothing else.
async fn deleting_what_is_not_there_is_ok(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    for subject in subjects(ctx) {
        ctx.answers(1, &store.delete(&subject.key).await, Answer::Ok, "a delete in an empty store");
        let neighbours = Neighbours::around(&subject.key, store, now).await?;
        ctx.answers(2, &store.delete(&subject.key).await, Answer::Ok, "a delete between other sessions");
        neighbours.unharmed(ctx, 3, store, now, "after a delete of nothing").await;
        ctx.finds(4, store, &subject.key, now, None, "after a delete of nothing").await;
        neighbours.leave(store).await?;
    }
    Ok(())
}

/// The second delete of a session is as good as the first, and a session created after it stays.
async fn deleting_twice_is_ok(ctx: &Ctx) -> Outcome {
    for subject in subjects(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        for _ in 0..3 {
            ctx.answers(1, &stage.store.delete(&stage.key).await, Answer::Ok, "a repeated delete");
        }
        let created = stage.create(&subject.record).await;
        ctx.answers(2, &created, Answer::Ok, "a create after deletes");
        stage.finds(3, Some(&subject.at(created?)), "created after deletes").await;
        stage.clear(4).await?;
    }
    Ok(())
}

/// A session without data is a session: it is found, kept from being created again, and replaced.
async fn no_data_is_not_no_session(ctx: &Ctx) -> Outcome {
    for subject in subjects(ctx) {
        let stage = Stage::set(ctx, &subject.with_data([])).await?;
        stage.is_unchanged(1, "a session without data").await;
        ctx.answers(2, &stage.create(&subject.record).await, Answer::Exists, "a create over no data");
        ctx.answers(
            3,
            &stage.save(&subject.record, stage.revision()).await,
            Answer::Ok,
            "a save over no data",
        );
        let empty = subject.with_data([]).record;
        let emptied = stage.save(&empty, stage.revision().next()?).await;
        ctx.answers(4, &emptied, Answer::Ok, "a save of no data");
        stage.finds(5, Some(&after(stage.revision().next()?, &empty)?), "emptied").await;
        stage.clear(6).await?;
    }
    Ok(())
}

/// A write at a revision creates nothing where nothing is, whatever the revision.
async fn a_save_at_a_revision_never_creates(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    for subject in subjects(ctx) {
        let neighbours = Neighbours::around(&subject.key, store, now).await?;
        for number in [0, 1, 1 << 62, i64::MAX - 1, i64::MAX] {
            let expect = Expect::Revision(Revision::from_i64(number)?);
            let saved = store.save(&subject.key, &subject.record, expect, now).await;
            ctx.answers(1, &saved, Answer::Missing, format_args!("a save at revision {number} of nothing"));
            ctx.finds(2, store, &subject.key, now, None, "after a save of nothing").await;
        }
        neighbours.unharmed(ctx, 3, store, now, "after a save of nothing").await;
        let created = store.save(&subject.key, &subject.record, Expect::Absent, now).await;
        ctx.answers(4, &created, Answer::Ok, "a create after a save of nothing");
        neighbours.leave(store).await?;
    }
    Ok(())
}

/// What was loaded is a copy: no later write changes it.
async fn what_was_loaded_does_not_change(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let loaded = stage.store.load(&stage.key, stage.now).await?;
        stage.save(&other, stage.revision()).await?;
        stage.store.delete(&stage.key).await?;
        let difference = difference(loaded.as_ref(), Some(&stage.stored));
        ctx.check(1, difference.is_none(), format_args!("a loaded record changed: {difference:?}"));
        stage.clear(2).await?;
    }
    Ok(())
}

/// The store keeps its own copy of what it is given, and only that: the buffer may be a part of a larger one.
async fn the_store_keeps_its_own_copy(ctx: &Ctx) -> Outcome {
    let (store, now, subject) = (ctx.store(), ctx.now(), subject(ctx));
    let large = Bytes::from(ctx.rng().bytes(10_000));
    for range in [0..0, 0..1, 9_999..10_000, 1_000..1_333, 0..10_000] {
        let cut =
            Subject { record: Record { data: large.slice(range), ..subject.record.clone() }, ..subject };
        let stored = cut.create(store, now).await?;
        ctx.finds(1, store, &cut.key, now, Some(&stored), "a record cut out of a larger buffer").await;
        store.delete(&cut.key).await?;
    }
    Ok(())
}

/// What one handle writes every other sees in its next call, whatever the verb.
async fn every_handle_sees_the_same_sessions(ctx: &Ctx) -> Outcome {
    let (one, now) = (ctx.store(), ctx.now());
    let two = &*ctx.open_again().await?;
    for (subject, other) in pairs(ctx) {
        let stored = subject.create(one, now).await?;
        ctx.finds(1, two, &subject.key, now, Some(&stored), "created by the other handle").await;
        let saved = two.save(&subject.key, &other, Expect::Revision(stored.revision), now).await;
        ctx.answers(2, &saved, Answer::Ok, "a save at the revision the other handle was given");
        let saved = after(stored.revision, &other)?;
        ctx.finds(3, one, &subject.key, now, Some(&saved), "saved by the other handle").await;
        let touched = one.touch(&subject.key, saved.revision, now, Timestamp::MAX, now).await?;
        let expected = touched_at(&saved, now)?;
        ctx.same(4, &touched, &expected.revision, "the revision of a touch");
        ctx.finds(5, two, &subject.key, now, Some(&expected), "touched by the other handle").await;
        two.delete(&subject.key).await?;
        ctx.finds(6, one, &subject.key, now, None, "deleted by the other handle").await;
    }
    Ok(())
}

fn touched_at(saved: &Stored, now: Timestamp) -> Outcome<Stored> {
    Ok(touched(saved, now, Timestamp::MAX)?)
}

/// A delete knows no time: it ends a session that is dead as well, and its key is free at once.
async fn a_delete_ends_the_dead_as_well(ctx: &Ctx) -> Outcome {
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        stage.finds_at(1, stage.expires_at(), None, "at the end").await;
        ctx.answers(2, &stage.store.delete(&stage.key).await, Answer::Ok, "a delete of a dead session");
        stage.finds(3, None, "deleted when it was dead, looked at earlier").await;
        let created = stage.create(&other).await;
        ctx.answers(4, &created, Answer::Ok, "a create after a delete of a dead session");
        stage.clear(5).await?;
    }
    Ok(())
}
