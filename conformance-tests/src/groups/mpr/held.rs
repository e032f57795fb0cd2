//! A process that is killed or stopped in the middle of a write.

use std::{fs, sync::Arc, time::Duration};

use session_core::{Error, Expect, Key, Record, Result, Revision, Store};
use tokio::{task::JoinHandle, time::sleep};

use crate::{
    ctx::Ctx,
    fixture::{Subject, race, subject},
    linearize::Recorder,
    namespace::Namespace,
    outcome::{Outcome, Stop},
    process::{Injection, Second, Strace},
    trace::{Step, Trace, steps},
};

/// A process is killed before each step of a save: the other one, which has the store open, goes on with the same session.
pub(super) async fn a_killed_process_holds_up_nobody(ctx: &Ctx) -> Outcome {
    let steps = watch_a_save(ctx).await?;
    for (step, _) in steps.iter().zip(ctx.rounds(40, usize::MAX)) {
        let (namespace, here) = ctx.open_other().await?;
        let mut save = SlowSave::start(ctx, &namespace, &here, Some((step, "SIGKILL"))).await?;
        let _ = ctx.answered(3, &mut save.saving).await?;
        save.second.kill();
        let written = ctx.answered(1, write(&save.recorder, ctx)).await?;
        ctx.check(1, written.is_ok(), format_args!("killed before {step}, the other process is answered {written:?}"));
        let found = here.load(&save.key, ctx.now()).await;
        let is_mine = matches!(&found, Ok(Some(found)) if found.record == beside(ctx));
        ctx.check(2, is_mine, format_args!("killed before {step}, the other process does not find what it wrote"));
        drop((save, here));
        ctx.discard(&namespace).await;
    }
    Ok(())
}

/// A process is stopped before a step of a save, and goes on when the other one has written: the stopped save lands before that
/// write or not at all.
pub(super) async fn a_stopped_process_writes_nothing_stale(ctx: &Ctx) -> Outcome {
    let steps = watch_a_save(ctx).await?;
    // A save is seen near its end.
    let late = steps.len().saturating_sub(6);
    let late: Vec<&Step> = steps.iter().skip(late).collect();
    let stop = |number: usize| {
        let step = late.get(number).copied();
        async move {
            match step {
                Some(step) => stopped_before(ctx, step).await,
                None => Ok(()),
            }
        }
    };
    race(late.len(), stop).await?.into_iter().collect()
}

async fn stopped_before(ctx: &Ctx, step: &Step) -> Outcome {
    let (namespace, here) = ctx.open_other().await?;
    let mut save = SlowSave::start(ctx, &namespace, &here, Some((step, "SIGSTOP"))).await?;
    save.wait_until_stopped().await;
    // It may be told that it cannot write now; it must be told something.
    let written = ctx.answered(1, write(&save.recorder, ctx)).await?;
    let is_clear = matches!(written, Ok(_) | Err(Error::Backend { .. } | Error::Conflict));
    ctx.check(1, is_clear, format_args!("stopped before {step}, the other process is answered {written:?}"));
    save.second.go_on();
    let _ = ctx.answered(2, &mut save.saving).await?;
    let _ = save.recorder.load(&save.key, ctx.now()).await;
    for history in save.recorder.histories().values() {
        ctx.has_an_order(3, history)?;
    }
    let written = ctx.answered(4, write(&save.recorder, ctx)).await?;
    ctx.check(4, written.is_ok(), format_args!("stopped before {step}, a later write is answered {written:?}"));
    drop((save, here));
    ctx.discard(&namespace).await;
    Ok(())
}

/// A save in a second process, with strace on it.
struct SlowSave {
    key: Key,
    /// Writes down what is called here.
    recorder: Recorder,
    second: Second,
    saving: JoinHandle<Result<Revision>>,
    strace: Strace,
    scratch: Namespace,
}

impl SlowSave {
    /// Creates a session here and begins to save it in a second process, to which something happens before that step.
    async fn start(
        ctx: &Ctx,
        namespace: &Namespace,
        here: &Arc<dyn Store>,
        happens: Option<(&Step, &'static str)>,
    ) -> Outcome<Self> {
        let (now, Subject { key, record }) = (ctx.now(), subject(ctx));
        let recorder = Recorder::new(Arc::clone(here));
        let revision = recorder.save(&key, &record, Expect::Absent, now).await?;
        let second = ctx.second_process().await?;
        let there = recorder.beside(second.open(namespace).await?);
        let scratch = ctx.new_namespace()?;
        let injection = happens.map(|(step, signal)| Injection { call: step.call.clone(), when: step.when, signal });
        let strace = Strace::attach(second.pid(), &scratch.folder().join("strace"), injection.as_ref()).await?;
        let record = Record { data: vec![b's'; 900].into(), ..record };
        let saving =
            tokio::spawn(async move { there.save(&key, &record, Expect::Revision(revision), now).await });
        Ok(Self { key, recorder, second, saving, strace, scratch })
    }

    /// Waits until every thread of the second process is stopped, or the save is answered.
    async fn wait_until_stopped(&self) {
        let mut seen = 0;
        // A thread that strace looks at stands still for a moment at each of its calls.
        while seen < 5 && !self.saving.is_finished() {
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

/// Returns the steps of a save that nothing happens to.
async fn watch_a_save(ctx: &Ctx) -> Outcome<Vec<Step>> {
    let (namespace, here) = ctx.open_other().await?;
    let SlowSave { mut second, saving, strace, scratch, .. } = SlowSave::start(ctx, &namespace, &here, None).await?;
    saving.await.map_err(|error| Stop::Failed(format!("a save panicked: {error}")))??;
    second.kill();
    let steps = steps(&Trace::parse(&strace.end()?), &ctx.folder_of(&namespace)?);
    drop(here);
    ctx.discard(&namespace).await;
    ctx.discard(&scratch).await;
    if steps.is_empty() {
        return Err(Stop::NotRun("a save takes no step in the folder that strace sees".to_owned()));
    }
    Ok(steps)
}

/// Saves the session here, at whatever revision it has.
async fn write(here: &Recorder, ctx: &Ctx) -> Result<Revision> {
    let (now, Subject { key, .. }) = (ctx.now(), subject(ctx));
    let found = here.load(&key, now).await?.ok_or(Error::Missing)?;
    here.save(&key, &beside(ctx), Expect::Revision(found.revision), now).await
}

fn beside(ctx: &Ctx) -> Record {
    subject(ctx).with_data("written beside").record
}
