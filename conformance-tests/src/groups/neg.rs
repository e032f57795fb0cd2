//! What is claimed is there, and nothing else.

use session_core::{Expect, Record, Timestamp};

use crate::{
    ctx::Ctx,
    exception::Exception,
    fixture::{Listener, Subject, crowd, shift, subject},
    groups::cases,
    outcome::Outcome,
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! neg_cases {
    ($then:path, $args:tt) => {
        $then! { $args Neg
            neg_001 facets_are_there_when_claimed_and_only_then [];
            neg_002 a_cap_is_refused_unless_claimed [];
            neg_003 what_lies_under_a_store_is_there_when_claimed [];
            neg_004 nothing_is_evicted_without_a_cap [];
            neg_005 an_exception_names_a_case_and_a_reason [];
            neg_006 without_a_cap_nobody_is_told [];
        }
    };
}
neg_cases!(crate::macros::case_table, ());

/// The facets that are claimed are there, at every call, and the others are not.
async fn facets_are_there_when_claimed_and_only_then(ctx: &Ctx) -> Outcome {
    let (store, caps) = (ctx.store(), ctx.caps());
    for _ in 0..2 {
        ctx.same(1, &store.directory().is_some(), &caps.directory, "whether there is a directory");
        ctx.same(2, &store.objects().is_some(), &caps.objects, "whether there are live objects");
        subject(ctx).create(store, ctx.now()).await?;
        store.delete(&subject(ctx).key).await?;
    }
    Ok(())
}

/// A store without a cap refuses to be opened with one, rather than to open without it.
async fn a_cap_is_refused_unless_claimed(ctx: &Ctx) -> Outcome {
    let opened = ctx.open_capped(2).await;
    ctx.same(1, &opened.is_ok(), &ctx.caps().cap, "whether it can be opened with a cap");
    Ok(())
}

/// A folder, a medium and a server are there when they are claimed, and only then.
async fn what_lies_under_a_store_is_there_when_claimed(ctx: &Ctx) -> Outcome {
    ctx.same(1, &ctx.folder().is_ok(), &ctx.caps().folder, "whether there is a folder");
    ctx.same(2, &ctx.medium().is_ok(), &ctx.caps().medium, "whether there is a medium");
    ctx.same(3, &ctx.server().is_ok(), &ctx.caps().server, "whether there is a server");
    Ok(())
}

/// A store in use never evicts on its own where nobody set a cap.
async fn nothing_is_evicted_without_a_cap(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    let mut kept = Vec::new();
    let crowd = crowd(ctx, 3_000);
    for number in ctx.rounds(300, 3_000) {
        let Some(subject) = crowd.get(number) else { break };
        let record = Record { accessed_at: Timestamp::EPOCH, owner: None, ..subject.record.clone() };
        let mine = Subject { key: subject.key, record };
        kept.push((mine.key, mine.create(store, now).await?));
    }
    for (key, stored) in &kept {
        ctx.finds(1, store, key, now, Some(stored), "one of many, without a cap").await;
    }
    Ok(())
}

/// What a store says that it does not fit is a case of this suite, with a reason and where to read of it.
async fn an_exception_names_a_case_and_a_reason(ctx: &Ctx) -> Outcome {
    for Exception { id, reason, url } in ctx.exceptions() {
        let names_a_case = cases().any(|case| case.id == *id && case.id != ctx.case().id);
        ctx.check(1, names_a_case, format_args!("{id} is no case that a store can be excepted from"));
        ctx.check(
            2,
            !reason.is_empty() && !url.is_empty(),
            format_args!("the exception from {id} says too little"),
        );
    }
    for number in [1, 2] {
        ctx.check(number, true, "there are no exceptions");
    }
    Ok(())
}

/// Where nobody set a cap, nobody is told of evictions, however sessions come and go.
async fn without_a_cap_nobody_is_told(ctx: &Ctx) -> Outcome {
    let (store, now, (listener, keys)) = (ctx.store(), ctx.now(), Listener::of_keys(6)?);
    for (key, subject) in keys.into_iter().zip(crowd(ctx, 6)) {
        let mine = Subject { key, ..subject };
        let first = mine.create(store, now).await?;
        let saved = store.save(&key, &mine.record, Expect::Revision(first.revision), now).await?;
        store.touch(&key, saved, now, shift(now, 10), now).await?;
        store.delete(&key).await?;
        mine.expiring(shift(now, 10)).create(store, now).await?;
    }
    ctx.same(1, &listener.told().len(), &0, "how many were told as evicted after deletes");
    store.delete_expired(shift(now, 10), usize::MAX).await?;
    ctx.same(2, &listener.told().len(), &0, "how many were told as evicted after a sweep");
    Ok(())
}
