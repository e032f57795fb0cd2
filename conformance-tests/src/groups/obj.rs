//! Live objects end with their session.

mod ends;
mod last_call;
mod others;
mod race;

use std::sync::{Arc, atomic::Ordering};

use session_core::{Key, Object, Objects, Timestamp};

use self::{
    ends::{objects_end_with_a_session_that_another_handle_ends, objects_go_by_the_last_end},
    last_call::LastCalls,
    others::{
        a_session_keeps_hundreds_of_objects, an_eviction_ends_the_objects_of_the_evicted,
        objects_do_not_end_with_other_sessions, objects_of_nearly_the_same_key_are_others,
    },
    race::{an_object_put_while_its_session_ends_is_gone, objects_of_many_threads_are_handed_back_once},
};
use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{Idle, Stage, Subject, crowd, pairs, shift, subject, subjects},
    outcome::{Outcome, Stop},
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! obj_cases {
    ($then:path, $args:tt) => {
        $then! { $args Obj
            obj_001 an_object_is_found_by_session_and_name [objects];
            obj_002 the_last_object_wins [objects];
            obj_003 an_absent_session_takes_no_object [objects];
            obj_004 objects_stay_through_writes [objects];
            obj_005 objects_end_with_their_session [objects];
            obj_006 an_object_may_use_the_store_as_it_goes [objects];
            obj_007 objects_end_with_an_eviction [objects cap];
            obj_008 a_session_keeps_hundreds_of_objects [objects];
            obj_009 an_eviction_ends_the_objects_of_the_evicted [objects cap];
            obj_010 objects_do_not_end_with_other_sessions [objects];
            obj_011 objects_of_many_threads_are_handed_back_once [objects];
            obj_012 an_object_put_while_its_session_ends_is_gone [objects];
            obj_013 objects_end_with_a_session_that_another_handle_ends [objects shared];
        }
    };
}
obj_cases!(crate::macros::case_table, ());

/// An object is the very one that was put, under its own name and session.
async fn an_object_is_found_by_session_and_name(ctx: &Ctx) -> Outcome {
    let (objects, now) = (objects(ctx)?, ctx.now());
    for subject in subjects(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        let long = ["a", "b"].map(|last| format!("{}{last}", "n".repeat(300)));
        let names = [
            "socket", "Socket", "socket ", "socket\n", "", "a/b", "a.b", "a.c", "\0", "s", "%", "\u{e9}",
            "e\u{301}", &long[0], &long[1],
        ];
        let put: Vec<Object> = (0..names.len()).map(|number| Arc::new(number) as Object).collect();
        for (name, object) in names.iter().zip(&put) {
            let replaced = objects.put(&stage.key, name, Arc::clone(object), now);
            ctx.check(1, matches!(replaced, Ok(None)), "a first object replaced another");
        }
        drop(objects.remove(&stage.key, "nobody put this", now));
        for (name, object) in names.iter().zip(&put) {
            let found = objects.get(&stage.key, name, now);
            ctx.check(2, found.is_some_and(|found| Arc::ptr_eq(&found, object)), "another object was found");
        }
        ctx.check(3, objects.get(&stage.key, "other", now).is_none(), "an object was found that nobody put");
        let elsewhere = Key::from_bytes([0x5a; 16]);
        ctx.check(
            4,
            objects.get(&elsewhere, "socket", now).is_none(),
            "an object was found in another session",
        );
        if let Some(object) = put.first() {
            objects_of_nearly_the_same_key_are_others(ctx, &stage, object)?;
        }
        stage.is_unchanged(5, "after objects were put").await;
        stage.clear(6).await?;
    }
    Ok(())
}

fn objects(ctx: &Ctx) -> Outcome<&dyn Objects> {
    ctx.store().objects().ok_or_else(|| Stop::Failed("the store claims `objects` and gives none".to_owned()))
}

/// The last object under a name wins, and the one before is handed back; a removed one is handed back once.
async fn the_last_object_wins(ctx: &Ctx) -> Outcome {
    let (objects, now) = (objects(ctx)?, ctx.now());
    let stage = Stage::set(ctx, &subject(ctx)).await?;
    let [one, two]: [Object; 2] = [Arc::new(1), Arc::new(2)];
    objects.put(&stage.key, "it", Arc::clone(&one), now)?;
    let replaced = objects.put(&stage.key, "it", Arc::clone(&two), now)?;
    ctx.check(
        1,
        replaced.is_some_and(|old| Arc::ptr_eq(&old, &one)),
        "the object before was not handed back",
    );
    let found = objects.get(&stage.key, "it", now);
    ctx.check(2, found.is_some_and(|found| Arc::ptr_eq(&found, &two)), "the last object did not win");
    let removed = objects.remove(&stage.key, "it", now);
    ctx.check(3, removed.is_some_and(|removed| Arc::ptr_eq(&removed, &two)), "another object was removed");
    ctx.check(4, objects.remove(&stage.key, "it", now).is_none(), "an object was removed twice");
    ctx.check(5, objects.get(&stage.key, "it", now).is_none(), "a removed object was found");
    objects.put(&stage.key, "it", Arc::clone(&one), now)?;
    let words: Object = Arc::new("of another type".to_owned());
    let replaced = objects.put(&stage.key, "it", Arc::clone(&words), now)?;
    ctx.check(
        7,
        replaced.is_some_and(|old| Arc::ptr_eq(&old, &one)),
        "an object of another type replaced nothing",
    );
    let found = objects.get(&stage.key, "it", now);
    ctx.check(
        8,
        found.is_some_and(|found| Arc::ptr_eq(&found, &words)),
        "an object of another type did not win",
    );
    stage.clear(6).await
}

/// A session that is not there or dead has no objects and takes none.
async fn an_absent_session_takes_no_object(ctx: &Ctx) -> Outcome {
    let objects = objects(ctx)?;
    for subject in subjects(ctx) {
        let put = objects.put(&subject.key, "it", Arc::new(1), ctx.now());
        ctx.answers(1, &put, Answer::Missing, "an object for an absent session");
        let stage = Stage::set(ctx, &subject).await?;
        let first: Object = Arc::new(1);
        let replaced = objects.put(&stage.key, "it", Arc::clone(&first), stage.now)?;
        ctx.check(8, replaced.is_none(), "an object that was refused came with the session");
        let (end, last) = (stage.expires_at(), shift(stage.expires_at(), -1));
        ctx.check(2, objects.get(&stage.key, "it", last).is_some(), "an object died before its session");
        let late = objects.put(&stage.key, "late", Arc::new(1), last);
        ctx.check(2, late.is_ok(), "an object was refused in the last millisecond of its session");
        ctx.check(3, objects.get(&stage.key, "it", end).is_none(), "an object of a dead session was found");
        ctx.check(
            4,
            objects.remove(&stage.key, "it", end).is_none(),
            "an object of a dead session was removed",
        );
        let put = objects.put(&stage.key, "it", Arc::new(1), end);
        ctx.answers(5, &put, Answer::Missing, "an object for a dead session");
        stage.store.load(&stage.key, end).await?;
        let found = objects.get(&stage.key, "it", last);
        ctx.check(7, found.is_some(), "an object was dropped by a look at a later time");
        let is_first = found.is_none_or(|found| Arc::ptr_eq(&found, &first));
        ctx.check(9, is_first, "an object that was refused replaced the one before");
        stage.clear(6).await?;
    }
    Ok(())
}

/// Objects stay through saves and touches of their session, and for as long as those let it live.
async fn objects_stay_through_writes(ctx: &Ctx) -> Outcome {
    let objects = objects(ctx)?;
    for (subject, other) in pairs(ctx) {
        let stage = Stage::set(ctx, &subject).await?;
        objects.put(&stage.key, "it", Arc::new(7), stage.now)?;
        ctx.answers(5, &stage.create(&other).await, Answer::Exists, "a create of a taken key");
        ctx.check(
            6,
            objects.get(&stage.key, "it", stage.now).is_some(),
            "an object ended with a refused create",
        );
        let stale = stage.revision().next()?;
        ctx.answers(7, &stage.save(&other, stale).await, Answer::Conflict, "a save at a revision to come");
        ctx.answers(
            8,
            &stage.touch(stale, Timestamp::MAX).await,
            Answer::Conflict,
            "a touch at a revision to come",
        );
        ctx.check(9, objects.get(&stage.key, "it", stage.now).is_some(), "an object ended with a conflict");
        let revision = stage.save(&other, stage.revision()).await?;
        ctx.check(1, objects.get(&stage.key, "it", stage.now).is_some(), "an object ended with a save");
        let revision = stage.touch(revision, Timestamp::MAX).await?;
        ctx.check(2, objects.get(&stage.key, "it", stage.now).is_some(), "an object ended with a touch");
        stage.store.delete_expired(stage.now, usize::MAX).await?;
        ctx.check(
            3,
            objects.get(&stage.key, "it", stage.now).is_some(),
            "an object ended with a sweep of others",
        );
        objects_go_by_the_last_end(ctx, &stage, &other, revision).await?;
        stage.clear(4).await?;
    }
    Ok(())
}

/// Objects are dropped with their session, however that ends, and do not come back with a new one under its key.
async fn objects_end_with_their_session(ctx: &Ctx) -> Outcome {
    let objects = objects(ctx)?;
    for (turn, subject) in subjects(ctx).into_iter().enumerate() {
        let stage = Stage::set(ctx, &subject.expiring(shift(ctx.now(), 1_000))).await?;
        let object = Arc::new(turn);
        objects.put(&stage.key, "it", Arc::clone(&object) as Object, stage.now)?;
        if turn % 2 == 0 {
            stage.store.delete(&stage.key).await?;
        } else {
            let swept = stage.store.delete_expired(shift(stage.now, 1_000), usize::MAX).await?;
            ctx.same(4, &swept, &1, "how many sessions a sweep deleted, whatever they held");
        }
        ctx.same(1, &Arc::strong_count(&object), &1, "how many hold an object whose session has ended");
        stage.create(&subject.record).await?;
        let found = objects.get(&stage.key, "it", stage.now);
        ctx.check(2, found.is_none(), "an object came back with a new session");
        stage.clear(3).await?;
    }
    Ok(())
}

/// An object may use the store as it is dropped, and so may others: that happens outside of every lock.
async fn an_object_may_use_the_store_as_it_goes(ctx: &Ctx) -> Outcome {
    let (store, objects, now) = (ctx.shared_store(), objects(ctx)?, ctx.now());
    let taken = Subject { key: Key::from_bytes([0x55; 16]), ..subject(ctx) };
    taken.create(&*store, now).await?;
    let calls = LastCalls::new(ctx, &store, &taken, now);
    for (turn, subject) in subjects(ctx).into_iter().enumerate() {
        let stage = Stage::set(ctx, &subject.expiring(shift(ctx.now(), 1_000))).await?;
        let (last, is_gone) = calls.one(&stage.key);
        objects.put(&stage.key, "it", last, now)?;
        match turn % 4 {
            0 => stage.store.delete(&stage.key).await?,
            1 => drop(stage.store.delete_expired(shift(now, 1_000), usize::MAX).await?),
            2 => drop(objects.remove(&stage.key, "it", now)),
            _ => drop(objects.put(&stage.key, "it", Arc::new(1), now)?),
        }
        ctx.check(1, is_gone.load(Ordering::SeqCst), "an object was not dropped with its session");
        stage.clear(2).await?;
    }
    let key = Key::from_bytes([0x66; 16]);
    let (refused, is_gone) = calls.one(&key);
    drop(objects.put(&key, "it", refused, now));
    ctx.check(3, is_gone.load(Ordering::SeqCst), "an object for an absent session was kept");
    let held_up = calls.held_up();
    for (number, write) in [(4, Idle::Create), (5, Idle::Delete), (6, Idle::Sweep)] {
        let words = format_args!("a {write:?} of others waits until an object was dropped");
        ctx.check(number, !held_up.contains(&write), words);
    }
    store.delete(&taken.key).await?;
    Ok(())
}

/// An evicted session takes its objects with it.
async fn objects_end_with_an_eviction(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.open_capped(1).await?, ctx.now());
    for subject in subjects(ctx) {
        subject.create(&*store, now).await?;
        let object = Arc::new(1);
        let objects = store.objects().ok_or_else(|| Stop::Failed("no objects with a cap".to_owned()))?;
        objects.put(&subject.key, "it", Arc::clone(&object) as Object, now)?;
        crowd(ctx, 1).swap_remove(0).create(&*store, now).await?;
        ctx.same(1, &Arc::strong_count(&object), &1, "how many hold an object of an evicted session");
        store.delete(&crowd(ctx, 1).swap_remove(0).key).await?;
    }
    Ok(())
}
