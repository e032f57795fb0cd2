//! Objects beside many others.

use std::sync::{Arc, atomic::Ordering};

use session_core::{Key, Object, Objects, Store, Timestamp};

use super::{LastCall, objects};
use crate::{
    ctx::Ctx,
    fixture::{Subject, crowd, shift, subjects},
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

/// An eviction ends the objects of the evicted and of nobody else, and they may use the store as they go.
pub(super) async fn an_eviction_ends_the_objects_of_the_evicted(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.open_capped(2).await?, ctx.now());
    let objects = store.objects().ok_or_else(|| Stop::Failed("no objects with a cap".to_owned()))?;
    let [one, two, three, four] = sessions(ctx, now)?;
    one.create(&*store, now).await?;
    two.create(&*store, now).await?;
    let gone = put_last_call(objects, &store, &one, now)?;
    objects.put(&two.key, "it", Arc::new(2), now)?;
    three.create(&*store, now).await?;
    ctx.check(1, gone.load(Ordering::SeqCst), "an object was not dropped with its evicted session");
    ctx.check(
        2,
        objects.get(&two.key, "it", now).is_some(),
        "an object ended when another session was evicted",
    );
    four.create(&*store, now).await?;
    ctx.check(3, objects.get(&two.key, "it", now).is_none(), "an object outlived its evicted session");
    Ok(())
}

fn put_last_call(
    objects: &dyn Objects,
    store: &Arc<dyn Store>,
    subject: &Subject,
    now: Timestamp,
) -> Outcome<Arc<std::sync::atomic::AtomicBool>> {
    let gone = Arc::default();
    let last = LastCall { store: Arc::clone(store), key: subject.key, now, gone: Arc::clone(&gone) };
    objects.put(&subject.key, "it", Arc::new(last), now)?;
    Ok(gone)
}

/// Four sessions without an owner, each used later than the one before.
fn sessions(ctx: &Ctx, now: Timestamp) -> Outcome<[Subject; 4]> {
    let mut made = crowd(ctx, 4);
    for (age, subject) in (1..).zip(made.iter_mut().rev()) {
        subject.record.accessed_at = shift(now, -age);
        subject.record.owner = None;
    }
    made.try_into().map_err(|_| Stop::Failed("there are four".to_owned()))
}
