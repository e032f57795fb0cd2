//! Calls that put the thread that polls them to sleep.

use std::{
    collections::BTreeMap,
    future::{Future, poll_fn},
    pin::pin,
};

use session_core::{Expect, Owner, Timestamp};

use super::on_a_thread;
use crate::{
    ctx::{Ctx, directory_of},
    fixture::{crowd, shift},
    outcome::{Outcome, Stop},
    process::status_of,
};

/// How often each verb is called.
const CALLS: usize = 20;
/// How many of them may sleep. On a busy machine what a call waits for may have
/// come before it falls asleep.
const MAY_SLEEP: usize = CALLS / 2;

/// No verb puts the thread that polls it to sleep most times it is called, when nobody else calls anything.
///
/// The system counts how often a thread has given up its processor to wait for something: a disk, a lock, a while. How long that took
/// is no matter. One call may have met a thread of the store at a lock that is held for a moment; not most of them.
pub(super) async fn no_verb_sleeps_in_poll(ctx: &Ctx) -> Outcome {
    if sleeps_of_this_thread().is_none() {
        return Err(Stop::NotRun("the system does not say how often a thread has slept".to_owned()));
    }
    on_a_thread(ctx, async |ctx| {
        let sleeps = call_everything(ctx).await?;
        for (verb, slept) in sleeps.0 {
            let message = format_args!("{slept} of {CALLS} calls of `{verb}` slept while they were polled");
            ctx.check(1, slept <= MAY_SLEEP, message);
        }
        Ok(())
    })
}

/// Makes so many calls of each verb, one after the other.
async fn call_everything(ctx: &Ctx) -> Outcome<Sleeps> {
    let ((_, store), ada) = (ctx.open_other().await?, Owner::new("ada")?);
    let (now, end, mut sleeps) = (ctx.now(), shift(ctx.now(), 1_000), Sleeps::default());
    for subject in crowd(ctx, CALLS) {
        let (key, record) = (&subject.key, &subject.record);
        let created =
            sleeps.of("save of what is absent", store.save(key, record, Expect::Absent, now)).await?;
        sleeps.of("load", store.load(key, now)).await?;
        let saved = sleeps.of("save", store.save(key, record, Expect::Revision(created), now)).await?;
        sleeps.of("touch", store.touch(key, saved, now, Timestamp::MAX, now)).await?;
        if ctx.caps().directory {
            let directory = directory_of(&*store)?;
            sleeps.of("page", directory.page(None, 10, now)).await?;
            sleeps.of("owned_by", directory.owned_by(&ada, now)).await?;
            sleeps.of("count", directory.count(now)).await?;
        }
        sleeps.of("delete", store.delete(key)).await?;
        subject.expiring(end).create(&*store, now).await?;
        sleeps.of("delete_expired", store.delete_expired(end, usize::MAX)).await?;
    }
    Ok(sleeps)
}

/// How many calls of each verb slept while they were polled.
#[derive(Debug, Default)]
struct Sleeps(BTreeMap<&'static str, usize>);

impl Sleeps {
    /// Returns what the call answers.
    async fn of<T>(&mut self, verb: &'static str, call: impl Future<Output = T>) -> T {
        let (mut call, mut slept) = (pin!(call), false);
        let answer = poll_fn(|context| {
            let before = sleeps_of_this_thread();
            let polled = call.as_mut().poll(context);
            slept |= sleeps_of_this_thread() != before;
            polled
        });
        let answer = answer.await;
        *self.0.entry(verb).or_default() += usize::from(slept);
        answer
    }
}

/// Returns how often this thread has waited for something, where the system says so.
fn sleeps_of_this_thread() -> Option<u64> {
    status_of("thread-self", "voluntary_ctxt_switches")
}
