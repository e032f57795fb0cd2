//! Runtimes, threads and blocking.

mod poll;

use std::{sync::Arc, thread};

use session_core::{Error, Expect, Record, Store, Stored, Timestamp};
use tokio::{runtime::Builder, task::JoinSet};

use self::poll::no_verb_sleeps_in_poll;
use crate::{
    ctx::Ctx,
    fixture::{crowd, pairs, subject},
    outcome::{Outcome, Stop},
    run::words,
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! rti_cases {
    ($then:path, $args:tt) => {
        $then! { $args Rti
            rti_001 a_runtime_of_one_thread_is_enough [];
            rti_003 a_store_serves_other_runtimes [];
            rti_002 hundreds_of_tasks_on_one_thread_are_answered [];
            rti_005 no_verb_sleeps_in_poll [];
            rti_007 a_store_can_be_dropped_inside_a_future [];
        }
    };
}
rti_cases!(crate::macros::case_table, ());

/// A runtime of one thread is enough, from opening to dropping.
async fn a_runtime_of_one_thread_is_enough(ctx: &Ctx) -> Outcome {
    on_a_thread(ctx, async |ctx| {
        let (_, store) = ctx.open_other().await?;
        live_a_life(ctx, &*store, 1).await
    })
}

/// A store that was opened in one runtime serves another.
async fn a_store_serves_other_runtimes(ctx: &Ctx) -> Outcome {
    on_a_thread(ctx, async |ctx| live_a_life(ctx, ctx.store(), 1).await)?;
    live_a_life(ctx, ctx.store(), 2).await
}

/// Runs a future on a thread and a runtime of one thread of its own.
fn on_a_thread(ctx: &Ctx, work: impl AsyncFnOnce(&Ctx) -> Outcome + Send) -> Outcome {
    let run = || {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Stop::NotRun(format!("no runtime could be built: {error}")))?;
        runtime.block_on(work(ctx))
    };
    let end = thread::scope(|scope| scope.spawn(run).join());
    end.unwrap_or_else(|panic| Err(Stop::Failed(format!("it panicked: {}", words(&*panic)))))
}

/// Takes a session through every verb and every list.
async fn live_a_life(ctx: &Ctx, store: &dyn Store, number: u32) -> Outcome {
    let now = ctx.now();
    for (subject, other) in pairs(ctx) {
        let stored = subject.create(store, now).await?;
        ctx.finds(number, store, &subject.key, now, Some(&stored), "created").await;
        let saved = store.save(&subject.key, &other, Expect::Revision(stored.revision), now).await?;
        let touched = store.touch(&subject.key, saved, now, Timestamp::MAX, now).await?;
        let record = Record { accessed_at: now, expires_at: Timestamp::MAX, ..other };
        let expected = Stored { record, revision: touched };
        ctx.finds(number, store, &subject.key, now, Some(&expected), "saved and touched").await;
        ctx.lists_agree(number, store, [&subject.key].into_iter(), now, "saved and touched").await?;
        store.delete_expired(now, usize::MAX).await?;
        store.delete(&subject.key).await?;
        ctx.finds(number, store, &subject.key, now, None, "deleted").await;
    }
    Ok(())
}

/// Hundreds of tasks on one thread, all waiting at once, are all answered.
async fn hundreds_of_tasks_on_one_thread_are_answered(ctx: &Ctx) -> Outcome {
    let crowd = crowd(ctx, 256);
    on_a_thread(ctx, async |ctx| {
        let (now, mut tasks) = (ctx.now(), JoinSet::new());
        for subject in crowd {
            let store = ctx.shared_store();
            tasks.spawn(async move {
                let stored = subject.create(&*store, now).await?;
                let loaded = store.load(&subject.key, now).await?;
                let revision = store.touch(&subject.key, stored.revision, now, Timestamp::MAX, now).await?;
                store.save(&subject.key, &subject.record, Expect::Revision(revision), now).await?;
                store.delete(&subject.key).await?;
                Ok::<_, Error>(loaded.as_ref() == Some(&stored))
            });
        }
        let mut right = 0;
        while let Some(end) = tasks.join_next().await {
            right += usize::from(matches!(end, Ok(Ok(true))));
        }
        ctx.same(1, &right, &256, "how many of 256 tasks were answered rightly");
        Ok(())
    })
}

/// A store can be dropped inside a future, with sessions in it, and another one opened.
async fn a_store_can_be_dropped_inside_a_future(ctx: &Ctx) -> Outcome {
    for _ in 0..5 {
        let (_, store) = ctx.open_other().await?;
        let stored = subject(ctx).create(&*store, ctx.now()).await?;
        let task = Arc::clone(&store);
        let (key, now) = (subject(ctx).key, ctx.now());
        let loaded = tokio::spawn(async move { task.load(&key, now).await });
        drop(store);
        let loaded = loaded.await.map_err(|error| Stop::Failed(error.to_string()))??;
        ctx.same(1, &loaded, &Some(stored), "loaded by a task that outlived the first handle");
    }
    Ok(())
}
