//! A medium that fails in the middle of a call.

use session_core::{Error, Outcome as Known, Result, Store};

use super::{
    power::{explained, unreadable},
    scene::{Scene, Verb},
};
use crate::{
    ctx::Ctx,
    fixture::subject,
    namespace::Namespace,
    outcome::{Outcome, Stop},
    process::{Injection, Second, Strace},
    trace::{Disk, Image, Luck, Step, Trace, steps},
};

/// The error of a system whose medium is full.
const FULL: &str = "ENOSPC";

/// Steps that need room on the medium.
const GROW: [&str; 18] = [
    "open",
    "openat",
    "openat2",
    "mkdir",
    "mkdirat",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "writev",
    "fallocate",
    "fsync",
    "fdatasync",
    "syncfs",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
];

/// Each step of a call fails once, as on a medium that is broken: what is answered is what became of the session, on the medium too.
///
/// Steps called `write` do not fail here, but where files may not grow. Runtimes wake their threads with the same call, as often as
/// chance wants, and strace counts those with the others: nobody can say beforehand which one belongs to a file. `strace -P` knows
/// a file by its name, and that of a file which is yet to be replaced is new each time.
///
/// The image of the medium after a failure carries no times of files, because `utimensat` is not part of the model: what is judged by such a
/// time, the sweep of what is dead, is judged on the folder itself, and not on the image.
pub(super) async fn what_a_failing_medium_does_is_answered_as_it_is(ctx: &Ctx) -> Outcome {
    each_step_fails(ctx, &[Verb::Save, Verb::Create, Verb::Touch, Verb::Delete], |_| "EIO").await
}

/// The same for a creation that makes its folders first, and for a sweep, as on a medium that is full: a call which was refused for that
/// says so.
pub(super) async fn first_sessions_and_sweeps_on_a_failing_medium_are_answered_as_they_are(
    ctx: &Ctx,
) -> Outcome {
    let error = |step: &Step| if GROW.contains(&&*step.call) { FULL } else { "EIO" };
    each_step_fails(ctx, &[Verb::CreateFirst, Verb::Sweep], error).await
}

async fn each_step_fails(ctx: &Ctx, verbs: &[Verb], error: impl Fn(&Step) -> &'static str) -> Outcome {
    for verb in verbs {
        let (mut seen, clean) = attempt(ctx, *verb, None).await?;
        if seen.is_empty() {
            return Err(Stop::NotRun("the call takes no step in the folder that strace sees".to_owned()));
        }
        seen.retain(|step| step.call != "write");
        for (step, _) in seen.iter().zip(ctx.rounds(40, usize::MAX)) {
            let (_, left) = attempt(ctx, *verb, Some((step, error(step)))).await?;
            let message =
                format_args!("when {step} had failed, {left} files are left in the end, not {clean}");
            ctx.check(7, left <= clean, message);
        }
    }
    Ok(())
}

/// Makes the call in a second process, in which a step may fail. Judges what that process finds, what there is when it was killed, and
/// what there is when the power went. Returns the steps of the call, and how many files are left when everything is deleted and swept.
async fn attempt(ctx: &Ctx, verb: Verb, fails: Option<(&Step, &'static str)>) -> Outcome<(Vec<Step>, usize)> {
    let (namespace, beside, scratch) = (ctx.new_namespace()?, ctx.new_namespace()?, ctx.new_namespace()?);
    let (folder, when) =
        (ctx.folder_of(&namespace)?, fails.map_or("nothing failed".to_owned(), |(step, _)| failed(step)));
    let second = ctx.second_process().await?;
    let store = second.open(&namespace).await?;
    let scene = Scene::set(ctx, verb, &*store).await?;
    let mut disk = Disk::of(&folder).map_err(unreadable)?;
    disk.know_mapped(second.pid()).map_err(unreadable)?;
    let injection = fails.map(|(step, error)| Injection::error(step, error));
    let strace = Strace::attach(second.pid(), &scratch.folder().join("strace"), injection.as_ref()).await?;
    let answer = ctx.answered(8, scene.call(&*store)).await?;
    scene.is_discreet(ctx, 16, &answer, &when);
    if fails.is_some_and(|(_, error)| error == FULL) && is_refused(&answer) {
        let says_so = matches!(answer, Err(Error::Full));
        ctx.check(18, says_so, format_args!("{when} for want of room, the call was answered {answer:?}"));
    }
    let trace = Trace::parse(&strace.detach()?);
    explained(&disk, &trace, &folder)?;
    goes_on_until_it_is_killed(ctx, &scene, (&*store, second), &namespace, (&answer, &when)).await?;
    for event in &trace.events {
        disk.play(event);
    }
    Image::of(&disk, Luck::Nothing).lay_out(&folder, &ctx.folder_of(&beside)?).map_err(unreadable)?;
    let lost = scene.without_times();
    lost.judge(ctx, &beside, &answer, &format!("after the power had gone when {when}")).await?;
    let left = scene.judge(ctx, &namespace, &answer, &format!("when {when}")).await?;
    for namespace in [namespace, beside, scratch] {
        ctx.discard(&namespace).await;
    }
    Ok((steps(&trace, &folder), left))
}

/// After a failure, looks at what the process still finds, kills it, and compares what is there then with the answer.
pub(super) async fn goes_on_until_it_is_killed(
    ctx: &Ctx,
    scene: &Scene,
    (store, mut second): (&dyn Store, Second),
    namespace: &Namespace,
    (answer, when): (&Result<usize>, &str),
) -> Outcome {
    let found = ctx.answered(12, store.load(&subject(ctx).key, ctx.now())).await?;
    ctx.check(12, found.is_ok(), format_args!("{when}, the session cannot be loaded any more: {found:?}"));
    scene.goes_on_there(ctx, store).await?;
    second.kill();
    scene.are_swept_as_said(ctx, 13, namespace, (answer, when)).await?;
    if is_refused(answer) {
        let differs = scene.differs_from_before(ctx, namespace).await?;
        let words = differs.as_deref().unwrap_or_default();
        ctx.check(
            11,
            differs.is_none(),
            format_args!("{when}, it was said not to be done, and it was: {words}"),
        );
    }
    Ok(())
}

fn failed(step: &Step) -> String {
    format!("{step} had failed")
}

/// Returns whether the answer says that nothing was done.
const fn is_refused<T>(answer: &Result<T>) -> bool {
    matches!(answer, Err(error) if !matches!(error, Error::Backend { outcome: Known::Unknown, .. }))
}
