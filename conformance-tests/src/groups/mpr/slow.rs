//! A call in a second process that is killed or stopped before one of its steps.

use std::{fs, sync::Arc, time::Duration};

use session_core::{Error, Expect, Key, Record, Result, Revision, Store, Stored, Timestamp};
use tokio::{task::JoinHandle, time::sleep};

use crate::{
    ctx::Ctx,
    fixture::{Subject, shift, subject},
    linearize::Recorder,
    namespace::Namespace,
    outcome::{Outcome, Stop},
    process::{Injection, Second, Strace},
    trace::{Step, Trace, steps},
};

/// What the second process does with a session, which was created here but for `Create`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Create,
    Save,
    Touch,
    /// A sweep at the time at which the session dies.
    Sweep,
}

/// A call in a second process, with strace on it.
pub(super) struct SlowCall {
    pub(super) key: Key,
    /// The session as it was created here.
    pub(super) created: Option<Stored>,
    /// Writes down what is called here.
    pub(super) recorder: Recorder,
    pub(super) second: Second,
    pub(super) calling: JoinHandle<Result<()>>,
    strace: Strace,
    scratch: Namespace,
}

/// Returns when the session dies that is swept.
pub(super) fn end(ctx: &Ctx) -> Timestamp {
    shift(ctx.now(), 1_000)
}

impl SlowCall {
    /// Creates the session that the call is about, and begins the call in a second process, to which something happens before that step.
    pub(super) async fn start(
        ctx: &Ctx,
        what: What,
        namespace: &Namespace,
        here: &Arc<dyn Store>,
        happens: Option<(&Step, &'static str)>,
    ) -> Outcome<Self> {
        let (now, end, subject) = (ctx.now(), end(ctx), subject(ctx));
        let subject = if what == What::Sweep { subject.expiring(end) } else { subject };
        let (recorder, Subject { key, record }) = (Recorder::new(Arc::clone(here)), subject);
        let created = match what {
            What::Create => None,
            _ => Some(recorder.save(&key, &record, Expect::Absent, now).await?),
        };
        let expect = created.map_or(Expect::Absent, Expect::Revision);
        let second = ctx.second_process().await?;
        let there = recorder.beside(second.open(namespace).await?);
        let scratch = ctx.new_namespace()?;
        let injection = happens.map(|(step, signal)| Injection::signal(step, signal));
        let strace =
            Strace::attach(second.pid(), &scratch.folder().join("strace"), injection.as_ref()).await?;
        let stored = created.map(|revision| Stored { record: record.clone(), revision });
        let calling = tokio::spawn(async move {
            match (what, created) {
                (What::Sweep, _) => there.sweep(&[key], end).await.map(drop),
                (What::Touch, Some(revision)) => {
                    there.touch(&key, revision, (now, Timestamp::MAX), now).await.map(drop)
                }
                _ => {
                    let record = Record { data: vec![b's'; 900].into(), ..record };
                    there.save(&key, &record, expect, now).await.map(drop)
                }
            }
        });
        Ok(Self { key, created: stored, recorder, second, calling, strace, scratch })
    }

    /// Waits until every thread of the second process is stopped, or the call is answered.
    pub(super) async fn wait_until_stopped(&self) {
        let mut seen = 0;
        // A thread that strace looks at stands still for a moment at each of its calls.
        while seen < 5 && !self.calling.is_finished() {
            seen = if is_stopped(self.second.pid()) { seen + 1 } else { 0 };
            sleep(Duration::from_millis(2)).await;
        }
    }
}

/// Returns whether all threads of a process are stopped.
fn is_stopped(pid: u32) -> bool {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let state = |thread: fs::DirEntry| {
        let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        // The name of a thread is in brackets, and may itself hold any.
        stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next())
    };
    threads.map(state).all(|state| matches!(state, Some('T' | 't')))
}

/// Returns the steps of a call that nothing happens to, in their order; the check with this number is that it is answered.
pub(super) async fn watch(ctx: &Ctx, what: What, number: u32) -> Outcome<Vec<Step>> {
    let (namespace, here) = ctx.open_other().await?;
    let SlowCall { mut second, calling, strace, scratch, .. } =
        SlowCall::start(ctx, what, &namespace, &here, None).await?;
    let called = ctx.answered(number, calling).await?;
    called.map_err(|error| Stop::Failed(format!("a call panicked: {error}")))??;
    second.kill();
    let steps = steps(&Trace::parse(&strace.end()?), &ctx.folder_of(&namespace)?);
    drop(here);
    ctx.discard(&namespace).await;
    ctx.discard(&scratch).await;
    if steps.is_empty() {
        return Err(Stop::NotRun("the call takes no step in the folder that strace sees".to_owned()));
    }
    Ok(steps)
}

/// Saves the session here, at whatever revision it has.
pub(super) async fn write(here: &Recorder, ctx: &Ctx) -> Result<Revision> {
    let (now, Subject { key, .. }) = (ctx.now(), subject(ctx));
    let found = here.load(&key, now).await?.ok_or(Error::Missing)?;
    here.save(&key, &beside(ctx), Expect::Revision(found.revision), now).await
}

/// Returns what is saved here.
pub(super) fn beside(ctx: &Ctx) -> Record {
    subject(ctx).with_data("written beside").record
}
