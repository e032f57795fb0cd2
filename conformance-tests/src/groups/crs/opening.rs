//! A process that is killed while it opens a store.

use session_core::{Key, Stored};

use super::kill::{Moment, STEPS_MIN, watched};
use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{Subject, crowd, subject},
    folder::contents,
    namespace::Namespace,
    outcome::{Outcome, Stop},
    trace::{Step, steps},
};

/// A process is killed before every step of opening a store: one that is new, and one that a killed process left.
pub(super) async fn an_opening_that_is_killed_loses_nothing(ctx: &Ctx) -> Outcome {
    for sessions in [vec![], crowd(ctx, 7).split_off(1)] {
        let (_, clean) = attempt(ctx, &sessions, &Moment::Never).await?;
        let (steps, _) = attempt(ctx, &sessions, &Moment::Answered).await?;
        for (step, _) in steps.iter().zip(ctx.rounds(STEPS_MIN, usize::MAX)) {
            let (_, left) = attempt(ctx, &sessions, &Moment::Before(step)).await?;
            let message = format_args!("killed before {step}, {left} files are left in the end, not {clean}");
            ctx.check(4, left <= clean, message);
        }
    }
    Ok(())
}

/// Opens a store with `sessions` in a second process which is killed at that moment. Returns the steps of the opening, and how
/// many files there are when everything is deleted and swept.
async fn attempt(ctx: &Ctx, sessions: &[Subject], moment: &Moment<'_>) -> Outcome<(Vec<Step>, usize)> {
    let namespace = ctx.new_namespace()?;
    let kept = keep(ctx, &namespace, sessions).await?;
    let mut second = ctx.second_process().await?;
    let opening = second.open(&namespace);
    let (_, trace) = watched(ctx, &mut second, moment, opening).await?;
    let left = judge(ctx, &namespace, &kept, &moment.to_string()).await?;
    let steps = steps(&trace, &ctx.folder_of(&namespace)?);
    ctx.discard(&namespace).await;
    Ok((steps, left))
}

/// Creates sessions in a process that is killed when they were acknowledged.
async fn keep(ctx: &Ctx, namespace: &Namespace, sessions: &[Subject]) -> Outcome<Vec<(Key, Stored)>> {
    let mut kept = Vec::new();
    if sessions.is_empty() {
        return Ok(kept);
    }
    let mut second = ctx.second_process().await?;
    let store = second.open(namespace).await?;
    for subject in sessions {
        kept.push((subject.key, subject.create(&*store, ctx.now()).await?));
    }
    second.kill();
    Ok(kept)
}

/// Opens the store here: everything is there, and it can be written to.
async fn judge(ctx: &Ctx, namespace: &Namespace, kept: &[(Key, Stored)], killed: &str) -> Outcome<usize> {
    let opened = ctx.answered(1, ctx.open_namespace(namespace)).await?;
    if !ctx.check(1, opened.is_ok(), format_args!("killed {killed}, it cannot be opened: {opened:?}")) {
        return Err(Stop::Failed("nothing can be looked at".to_owned()));
    }
    let (store, now) = (opened?, ctx.now());
    for (key, stored) in kept {
        ctx.finds(2, &*store, key, now, Some(stored), format!("killed {killed}, a session")).await;
    }
    let more = subject(ctx);
    let created = ctx.answered(3, more.create(&*store, now)).await?;
    ctx.answers(3, &created, Answer::Ok, format_args!("killed {killed}, the next creation"));
    for key in kept.iter().map(|(key, _)| key).chain([&more.key]) {
        let deleted = ctx.answered(3, store.delete(key)).await?;
        ctx.answers(3, &deleted, Answer::Ok, format_args!("killed {killed}, a delete"));
    }
    store.delete_expired(now, usize::MAX).await?;
    Ok(contents(&ctx.folder_of(namespace)?)?.files.len())
}
