//! A process that is killed before every step of a call.

use std::fmt;

use session_core::Result;

use super::scene::{Scene, Verb};
use crate::{
    ctx::Ctx,
    outcome::{Outcome, Stop},
    process::{Injection, Second, Strace},
    trace::{Step, Trace, steps},
};

/// So many steps are tried whatever it takes, and more as long as there is time.
pub(super) const STEPS_MIN: usize = 80;

/// When a process is killed.
pub(super) enum Moment<'a> {
    /// Before a step of the call.
    Before(&'a Step),
    /// When the call was answered.
    Answered,
    /// Not at all: it ends as a program ends.
    Never,
}

/// Watches a call and kills a process before each of its steps; the session must be as before or as after.
pub(super) async fn killed_before_every_step(ctx: &Ctx, verb: Verb) -> Outcome {
    let (_, clean) = attempt(ctx, verb, &Moment::Never).await?;
    let (steps, _) = attempt(ctx, verb, &Moment::Answered).await?;
    if steps.is_empty() {
        return Err(Stop::NotRun("the call takes no step in the folder that strace sees".to_owned()));
    }
    for (step, _) in steps.iter().zip(ctx.rounds(STEPS_MIN, usize::MAX)) {
        let (_, left) = attempt(ctx, verb, &Moment::Before(step)).await?;
        let message = format_args!("killed before {step}, {left} files are left in the end, not {clean}");
        ctx.check(7, left <= clean, message);
    }
    Ok(())
}

/// Makes the call in a second process which is killed at that moment, and judges what is found. Returns the steps of the call,
/// and how many files are left when everything is deleted and swept.
async fn attempt(ctx: &Ctx, verb: Verb, moment: &Moment<'_>) -> Outcome<(Vec<Step>, usize)> {
    let namespace = ctx.new_namespace()?;
    let mut second = ctx.second_process().await?;
    let store = second.open(&namespace).await?;
    let scene = Scene::set(ctx, verb, &*store).await?;
    let (answer, trace) = watched(ctx, &mut second, moment, scene.call(&*store)).await?;
    let left = scene.judge(ctx, &namespace, &answer, &moment.to_string()).await?;
    let steps = steps(&trace, &ctx.folder_of(&namespace)?);
    ctx.discard(&namespace).await;
    Ok((steps, left))
}

/// Makes a call under strace; afterwards the second process has ended, killed or not.
pub(super) async fn watched<T>(
    ctx: &Ctx,
    second: &mut Second,
    moment: &Moment<'_>,
    call: impl Future<Output = Result<T>>,
) -> Outcome<(Result<T>, Trace)> {
    let injection = match moment {
        Moment::Before(step) => Some(Injection::signal(step, "SIGKILL")),
        Moment::Answered | Moment::Never => None,
    };
    let scratch = ctx.new_namespace()?;
    let strace = Strace::attach(second.pid(), &scratch.folder().join("strace"), injection.as_ref()).await?;
    let answer = ctx.answered(8, call).await?;
    match moment {
        Moment::Never => second.end(),
        Moment::Before(_) | Moment::Answered => second.kill(),
    };
    let trace = Trace::parse(&strace.end()?);
    ctx.discard(&scratch).await;
    Ok((answer, trace))
}

impl fmt::Display for Moment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Before(step) => write!(f, "before {step}"),
            Self::Answered => f.write_str("after the answer"),
            Self::Never => f.write_str("never"),
        }
    }
}
