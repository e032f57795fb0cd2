//! Objects beside many others.

use std::sync::{Arc, atomic::Ordering};

use session_core::{Key, Object, Objects, Record, Store};

use super::{last_call::LastCalls, objects};
use crate::{
    ctx::Ctx,
    fixture::{Stage, Subject, crowd, shift, subjects, used_in_turn},
    outcome::{Outcome, Stop},
};

/// A session keeps hundreds of objects as well as one.
pub(super) async fn a_session_keeps_hundreds_of_objects(ctx: &Ctx) -> Outcome {
    let (objects, now) = (objects(ctx)?, ctx.now());
    for subject in subjects(ctx).into_iter().take(2) {
        subject.create(ctx.store(), now).await?;
        let all: Vec<(String, Object)> =
            (0..300).map(|number| (format!("object {number}"), Arc::new(number) as Object)).collect();
        for (name, object) in &all {
            objects.put(&subject.key, name, Arc::clone(object), now)?;
        }
        for (name, object) in &all {
            let found = objects.get(&subject.key, name, now);
            ctx.check(
                1,
                found.is_some_and(|found| Arc::ptr_eq(&found, object)),
                "one of hundreds of objects is not there",
            );
        }
        for (name, object) in &all {
            let removed = objects.remove(&subject.key, name, now);
            ctx.check(
                2,
                removed.is_some_and(|removed| Arc::ptr_eq(&removed, object)),
                "another object was removed",
            );
        }
    }
    Ok(())
}

/// Whatever ends one session, or an object of it, ends no object of another one.
pub(super) async fn objects_do_not_end_with_other_sessions(ctx: &Ctx) -> Outcome {
    let (store, objects, now) = (ctx.store(), objects(ctx)?, ctx.now());
    for (turn, gone) in crowd(ctx, 12).into_iter().skip(2).enumerate() {
        let stays = Subject { key: Key::from_bytes([0x3c; 16]), ..gone.clone() };
        stays.create(store, now).await?;
        let gone = gone.expiring(shift(now, 10));
        gone.create(store, now).await?;
        let ours: [Object; 2] = [Arc::new(turn), Arc::new(turn)];
        for (key, object) in [&stays.key, &gone.key].into_iter().zip(&ours) {
            ctx.check(3, objects.get(key, "it", now).is_none(), "the object of another session was found");
            let replaced = objects.put(key, "it", Arc::clone(object), now)?;
            ctx.check(4, replaced.is_none(), "an object replaced that of another session");
        }
        match turn % 3 {
            0 => store.delete(&gone.key).await?,
            1 => drop(store.delete_expired(shift(now, 10), usize::MAX).await?),
            _ => drop(objects.remove(&gone.key, "it", now)),
        }
        ctx.check(
            1,
            objects.get(&stays.key, "it", now).is_some(),
            "an object ended with that of another session",
        );
        ctx.check(2, objects.get(&gone.key, "it", now).is_none(), "an object was found after its end");
        store.delete(&stays.key).await?;
        store.delete(&gone.key).await?;
    }
    Ok(())
}

/// A session whose key is nearly that of another has objects of its own. `object` is that of the stage under "socket".
pub(super) fn objects_of_nearly_the_same_key_are_others(
    ctx: &Ctx,
    stage: &Stage<'_>,
    object: &Object,
) -> Outcome {
    let (objects, now) = (objects(ctx)?, stage.now);
    for (number, key) in stage.keys_nearby().enumerate() {
        let found = objects.get(key, "socket", now);
        ctx.check(7, found.is_none(), "an object was found by a key that is nearly that of its session");
        let other: Object = Arc::new(number);
        let replaced = objects.put(key, "socket", Arc::clone(&other), now)?;
        ctx.check(8, replaced.is_none(), "an object replaced that of a session with nearly the same key");
        for (key, object) in [(&stage.key, object), (key, &other)] {
            let found = objects.get(key, "socket", now);
            ctx.check(
                9,
                found.is_some_and(|found| Arc::ptr_eq(&found, object)),
                "one of two sessions with nearly the same key has lost its object",
            );
        }
    }
    Ok(())
}

/// An eviction ends the objects of the evicted and of nobody else, and they may use the store as they go; so do the dead
/// who make room.
pub(super) async fn an_eviction_ends_the_objects_of_the_evicted(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.open_capped(2).await?, ctx.now());
    let objects = objects_of(&*store)?;
    let [one, two, three, four] = used_in_turn(ctx);
    one.create(&*store, now).await?;
    two.create(&*store, now).await?;
    let calls = LastCalls::new(ctx, &store, &two, now);
    let (last, is_gone) = calls.one(&one.key);
    objects.put(&one.key, "it", last, now)?;
    objects.put(&two.key, "it", Arc::new(2), now)?;
    three.create(&*store, now).await?;
    ctx.check(1, is_gone.load(Ordering::SeqCst), "an object was not dropped with its evicted session");
    let held_up = calls.held_up();
    ctx.check(4, held_up.is_empty(), format_args!("{held_up:?} of others wait until an object was dropped"));
    ctx.check(
        2,
        objects.get(&two.key, "it", now).is_some(),
        "an object ended when another session was evicted",
    );
    four.create(&*store, now).await?;
    ctx.check(3, objects.get(&two.key, "it", now).is_none(), "an object outlived its evicted session");
    the_dead_make_room_with_their_objects(ctx).await
}

async fn the_dead_make_room_with_their_objects(ctx: &Ctx) -> Outcome {
    let (store, now, late) = (ctx.open_capped(2).await?, ctx.now(), shift(ctx.now(), 5));
    let objects = objects_of(&*store)?;
    let [one, two, three, _] = used_in_turn(ctx);
    one.expiring(late).create(&*store, now).await?;
    two.create(&*store, now).await?;
    let calls = LastCalls::new(ctx, &store, &two, late);
    let (last, is_gone) = calls.one(&one.key);
    objects.put(&one.key, "it", last, now)?;
    three.create(&*store, late).await?;
    ctx.check(5, is_gone.load(Ordering::SeqCst), "an object was not dropped with the dead who made room");
    let held_up = calls.held_up();
    ctx.check(
        7,
        held_up.is_empty(),
        format_args!("{held_up:?} of others wait until an object of the dead was dropped"),
    );
    let record = Record { accessed_at: late, ..one.record };
    Subject { key: one.key, record }.create(&*store, late).await?;
    let found = objects.get(&one.key, "it", late);
    ctx.check(6, found.is_none(), "an object of the dead who made room came back with a new session");
    Ok(())
}

fn objects_of(store: &dyn Store) -> Outcome<&dyn Objects> {
    store.objects().ok_or_else(|| Stop::Failed("no objects with a cap".to_owned()))
}
