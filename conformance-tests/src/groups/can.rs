//! Dropped futures.
//!
//! What was applied is not asked of the dropped call but of the history: a dropped call may take its place in the order
//! before the next acknowledged write, or have none.

mod crowd;
mod files;
mod idle;
mod lists;
mod room;
mod runtime;
mod victim;
mod waker;

use session_core::{Error, Expect, Key, Store, Timestamp};
use tokio::task::{JoinSet, yield_now};

use self::{
    crowd::{clients_that_give_up_see_one_order, thousands_of_dropped_calls_take_nothing_with_them},
    files::dropped_and_refused_writes_leave_no_files,
    idle::a_future_nobody_polls_holds_up_nobody,
    lists::{what_a_dropped_call_leaves_is_listed, what_a_dropped_call_leaves_is_swept},
    room::{a_dropped_call_leaves_a_session_with_its_objects, dropped_creations_take_up_no_room},
    runtime::a_runtime_that_ends_takes_nothing_with_it,
    victim::{Victim, soon},
    waker::whoever_polled_last_is_woken,
};
use crate::{
    checks::difference,
    ctx::Ctx,
    fixture::{Patience, Subject, Then, dropped, random_keys, subject, subjects},
    linearize::Recorder,
    outcome::Outcome,
    rng::Rng,
};

/// Lists the cases of this group.
#[doc(hidden)]
#[macro_export]
macro_rules! can_cases {
    ($then:path, $args:tt) => {
        $then! { $args Can
            can_001 a_call_dropped_after_any_poll_was_made_or_was_not [];
            can_002 a_call_dropped_among_others_was_made_or_was_not [];
            can_003 thousands_of_dropped_calls_take_nothing_with_them [];
            can_004 dropped_and_refused_writes_leave_no_files [folder];
            can_005 a_dropped_creation_can_be_made_again [];
            can_006 a_runtime_that_ends_takes_nothing_with_it [];
            can_007 a_future_nobody_polls_holds_up_nobody [];
            can_008 clients_that_give_up_see_one_order [];
            can_009 what_a_dropped_call_leaves_is_listed [directory];
            can_010 what_a_dropped_call_leaves_is_swept [];
            can_011 a_dropped_call_leaves_a_session_with_its_objects [objects];
            can_012 dropped_creations_take_up_no_room [cap];
            can_013 whoever_polled_last_is_woken [];
        }
    };
}
can_cases!(crate::macros::case_table, ());

/// Every kind of call is dropped after every number of polls. Then something is acknowledged: nothing may come
/// after it.
async fn a_call_dropped_after_any_poll_was_made_or_was_not(ctx: &Ctx) -> Outcome {
    drop_everything(ctx).await
}

/// The same while sixteen tasks write without end, so that calls have to wait.
async fn a_call_dropped_among_others_was_made_or_was_not(ctx: &Ctx) -> Outcome {
    let mut busy = JoinSet::new();
    for key in random_keys(&mut Rng::of(ctx.seed(), "busy"), 16) {
        let subject = Subject { key, ..subject(ctx) };
        let (store, now) = (ctx.shared_store(), ctx.now());
        busy.spawn(async move { write_for_ever(&*store, &subject, now).await });
    }
    drop_everything(ctx).await
}

async fn write_for_ever(store: &dyn Store, subject: &Subject, now: Timestamp) {
    let mut expect = Expect::Absent;
    while let Ok(revision) = store.save(&subject.key, &subject.record, expect, now).await {
        expect = Expect::Revision(revision);
        yield_now().await;
    }
}

async fn drop_everything(ctx: &Ctx) -> Outcome {
    let recorder = Recorder::new(ctx.shared_store());
    let mut rng = ctx.rng();
    for _ in ctx.rounds(1, 20) {
        for victim in Victim::ALL {
            for then in [Then::DropAtOnce, Then::DropWhenWoken] {
                for polls in 0..POLLS_MAX {
                    let key = one_key(&mut rng);
                    let patience = Patience { polls, then };
                    let call = victim.drop_and_go_on(ctx, &recorder, &key, patience, &mut rng);
                    if ctx.answered(2, call).await?? {
                        break;
                    }
                }
            }
        }
    }
    settle(ctx, &recorder).await
}

/// No call of any store should need more polls than this.
const POLLS_MAX: usize = 64;

/// Goes on with other sessions for a while, and then looks at all that were ever used.
async fn settle(ctx: &Ctx, recorder: &Recorder) -> Outcome {
    let mut rng = Rng::of(ctx.seed(), "others");
    for _ in ctx.rounds(3, 1_000_000) {
        for mut other in subjects(ctx) {
            other.key = one_key(&mut rng);
            other.create(ctx.store(), ctx.now()).await?;
            ctx.store().delete(&other.key).await?;
            yield_now().await;
        }
    }
    look_at_all(ctx, recorder).await?;
    judge(ctx, 1, recorder)?;
    sweep_once_more(ctx, one_key(&mut rng), soon(ctx, recorder)).await
}

/// Writes down what there is under every key that was ever used.
async fn look_at_all(ctx: &Ctx, recorder: &Recorder) -> Outcome {
    for key in recorder.histories().keys() {
        ctx.answered(2, recorder.load(key, ctx.now())).await??;
    }
    Ok(())
}

/// Checks that dropped sweeps do not keep a later one from its work.
async fn sweep_once_more(ctx: &Ctx, key: Key, end: Timestamp) -> Outcome {
    let dead = Subject { key, ..subject(ctx) }.expiring(end);
    dead.create(ctx.store(), ctx.now()).await?;
    let swept = ctx.answered(2, ctx.store().delete_expired(end, usize::MAX)).await?;
    ctx.check(4, matches!(swept, Ok(1)), format_args!("a sweep of one dead session was answered {swept:?}"));
    Ok(())
}

/// Checks that there is an order of the calls for each key.
fn judge(ctx: &Ctx, number: u32, recorder: &Recorder) -> Outcome {
    recorder.histories().values().try_for_each(|history| ctx.has_an_order(number, history))
}

fn one_key(rng: &mut Rng) -> Key {
    random_keys(rng, 1).pop().unwrap_or(Key::from_bytes([0; Key::BYTES]))
}

/// Whoever creates a session and gives up may try again: it works, or the first attempt is there to be found.
async fn a_dropped_creation_can_be_made_again(ctx: &Ctx) -> Outcome {
    let (store, now) = (ctx.store(), ctx.now());
    let all = subjects(ctx);
    for (subject, second) in all.iter().zip(all.iter().rev()) {
        for polls in 0..POLLS_MAX {
            let then = Then::DropWhenWoken;
            let first = dropped(subject.create(store, now), Patience { polls, then });
            let is_done = ctx.answered(1, first).await?.is_some();
            let again = store.save(&subject.key, &second.record, Expect::Absent, now);
            let (record, revision) = match ctx.answered(1, again).await? {
                Ok(revision) => (&second.record, Some(revision)),
                Err(Error::Exists) => (&subject.record, None),
                Err(error) => return Err(error.into()),
            };
            let found = store.load(&subject.key, now).await?;
            let mut expected = found.clone();
            if let Some(expected) = &mut expected {
                expected.record = record.clone();
                expected.revision = revision.unwrap_or(expected.revision);
            }
            let difference = difference(found.as_ref(), expected.as_ref());
            let message = difference.as_deref().unwrap_or("it exists and is not there");
            ctx.check(2, difference.is_none() && found.is_some(), message);
            ctx.answered(1, store.delete(&subject.key)).await??;
            if is_done {
                break;
            }
        }
    }
    for subject in all {
        ctx.finds(3, store, &subject.key, now, None, "in the end, when it was deleted").await;
    }
    Ok(())
}
