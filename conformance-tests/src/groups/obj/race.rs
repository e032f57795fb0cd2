//! Objects of many threads.

use std::{collections::BTreeSet, sync::Arc};

use session_core::{Error, Expect, Object, Result};

use super::objects;
use crate::{
    ctx::Ctx,
    fixture::{race, shift, subject},
    outcome::Outcome,
};

/// Of objects that many threads put under one name each is handed back once, and the last one stays; and every thread finds
/// what another one put.
pub(super) async fn objects_of_many_threads_are_handed_back_once(ctx: &Ctx) -> Outcome {
    let (store, objects, now, subject) = (ctx.store(), objects(ctx)?, ctx.now(), subject(ctx));
    for _ in ctx.rounds(10, 500) {
        subject.create(store, now).await?;
        let put: &Vec<Object> = &(0..32).map(|number| Arc::new(number) as Object).collect();
        let handed_back = race(4, |thread| async move {
            let mut handed_back = Vec::new();
            for (number, object) in put.iter().enumerate().skip(thread).step_by(4) {
                handed_back.extend(objects.put(&subject.key, "it", Arc::clone(object), now)?);
                objects.put(&subject.key, &number.to_string(), Arc::clone(object), now)?;
            }
            Ok::<_, Error>(handed_back)
        });
        let mut all = handed_back.await?.into_iter().collect::<Result<Vec<_>>>()?.concat();
        all.extend(objects.remove(&subject.key, "it", now));
        let different: BTreeSet<_> = all.iter().map(place).collect();
        let is_each_once = all.len() == put.len() && different == put.iter().map(place).collect();
        let words = format!(
            "{} objects of 32 were handed back or stayed, {} of them twice",
            all.len(),
            all.len() - different.len()
        );
        ctx.check(1, is_each_once, words);
        let found = put.iter().enumerate().filter(|(number, object)| {
            let found = objects.get(&subject.key, &number.to_string(), now);
            found.is_some_and(|found| Arc::ptr_eq(&found, object))
        });
        ctx.same(2, &found.count(), &put.len(), "how many objects of other threads are found");
        store.delete(&subject.key).await?;
    }
    Ok(())
}

/// Where an object is, which tells it from all others.
fn place(object: &Object) -> usize {
    Arc::as_ptr(object).cast::<()>().addr()
}

/// An object that is put while its session ends is refused, or ends with it: none is left for whoever comes next.
pub(super) async fn an_object_put_while_its_session_ends_is_gone(ctx: &Ctx) -> Outcome {
    let (store, objects, now) = (ctx.store(), objects(ctx)?, ctx.now());
    let subject = &subject(ctx).expiring(shift(now, 1_000));
    for round in ctx.rounds(40, 2_000) {
        subject.create(store, now).await?;
        let object: &Object = &(Arc::new(round) as Object);
        let ends = race(3, |thread| async move {
            if thread == 0 && round % 2 == 0 {
                return store.delete(&subject.key).await;
            }
            if thread == 0 {
                return store.delete_expired(shift(now, 1_000), 1).await.map(drop);
            }
            for number in 0..20 {
                match objects.put(&subject.key, &format!("{thread} {number}"), Arc::clone(object), now) {
                    Ok(_) => {}
                    Err(Error::Missing) => break,
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        });
        ends.await?.into_iter().collect::<Result<()>>()?;
        ctx.same(1, &Arc::strong_count(object), &1, "how many hold an object whose session has ended");
        let again = store.save(&subject.key, &subject.record, Expect::Absent, now).await;
        let mut names = (1..3).flat_map(|thread| (0..20).map(move |number| format!("{thread} {number}")));
        let is_left = names.any(|name| objects.get(&subject.key, &name, now).is_some());
        ctx.check(
            2,
            again.is_ok() && !is_left,
            "an object of a session that has ended came back with the next",
        );
        store.delete(&subject.key).await?;
    }
    Ok(())
}
