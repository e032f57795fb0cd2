//! The loss of power after a kill: what a killed process left unsynced is not to be relied on by the next one.

use std::path::Path;

use session_core::Key;

use super::{
    kill::{Moment, watched},
    ledger::{Ledger, What, answered},
    power::{Keys, Loss, explained, record, unreadable},
};
use crate::{
    ctx::Ctx,
    namespace::Namespace,
    outcome::Outcome,
    trace::{Disk, Image, Luck, Trace},
};

/// Calls of a process, and the call of the one that goes on where the first was killed in its last.
struct Course {
    calls: Vec<(Key, What)>,
    then: (Key, What),
}

/// A new store is opened and its first session created, or a session deleted. From what a kill after each of the steps leaves, another
/// process goes on: it creates a session, or deletes the same one, and the power goes when that is acknowledged. What was acknowledged
/// before a process opens the store is there, whenever the power goes.
pub(super) async fn what_follows_a_kill_outlives_the_power(ctx: &Ctx) -> Outcome {
    let Keys { first, beside, .. } = Keys::of(ctx)?;
    let create = |len| What::Create(record(ctx, len));
    let creation = Course { calls: vec![(first, create(700))], then: (beside, create(600)) };
    let delete = vec![(first, create(700)), (first, What::Delete)];
    let deletion = Course { calls: delete, then: (first, What::Delete) };
    for course in [creation, deletion] {
        from_each_kill(ctx, course).await?;
    }
    from_what_was_kept(ctx).await
}

/// Kills after each step of the last call.
async fn from_each_kill(ctx: &Ctx, Course { calls, then }: Course) -> Outcome {
    let namespace = ctx.new_namespace()?;
    let folder = ctx.folder_of(&namespace)?;
    let mut disk = Disk::of(&folder).map_err(unreadable)?;
    let before_the_last = calls.len().saturating_sub(1);
    let (_, trace) = make(ctx, &namespace, calls).await?;
    explained(&disk, &trace, &folder)?;
    let (mut left, mut made) = (ctx.rounds(40, 1_000), 0);
    for event in &trace.events {
        made += usize::from(answered(event).is_some());
        if disk.play(event) && made >= before_the_last && left.next().is_some() {
            go_on(ctx, disk.clone(), &folder, (then.clone(), &event.name)).await?;
        }
    }
    ctx.discard(&namespace).await;
    Ok(())
}

/// Goes on from what a process left that was killed after a step.
async fn go_on(ctx: &Ctx, mut disk: Disk, was: &Path, (then, after): ((Key, What), &str)) -> Outcome {
    let namespace = ctx.new_namespace()?;
    let folder = ctx.folder_of(&namespace)?;
    Image::of(&disk, Luck::Everything).lay_out(was, &folder).map_err(unreadable)?;
    disk.move_to(&folder);
    let (ledger, trace) = make(ctx, &namespace, vec![then]).await?;
    explained(&disk, &trace, &folder)?;
    let mut loss = Loss::new(ctx, &folder, ledger);
    let when = format!("a call that followed a kill after {after}");
    for event in &trace.events {
        if let Some(number) = answered(event) {
            loss.answered.insert(number);
            for luck in [Luck::Nothing, Luck::Names, Luck::Bytes] {
                loss.goes(&disk, luck, &when).await?;
            }
        }
        disk.play(event);
    }
    ctx.discard(&namespace).await;
    Ok(())
}

/// A process creates two sessions and is killed; another one opens what is there and creates a third. Whatever the opening does to
/// them, the two are there.
async fn from_what_was_kept(ctx: &Ctx) -> Outcome {
    let (Keys { first, beside, other }, namespace) = (Keys::of(ctx)?, ctx.new_namespace()?);
    let create = |len| What::Create(record(ctx, len));
    let folder = ctx.folder_of(&namespace)?;
    let mut disk = Disk::of(&folder).map_err(unreadable)?;
    let (mut ledger, trace) = make(ctx, &namespace, vec![(first, create(700)), (other, create(20))]).await?;
    explained(&disk, &trace, &folder)?;
    let kept = trace.events.iter().filter_map(answered).collect();
    for event in &trace.events {
        disk.play(event);
    }
    let mut second = ctx.second_process().await?;
    let opening = second.open(&namespace);
    let calls = async {
        ledger.go_on_in(opening.await?);
        ledger.call(&beside, create(600)).await?;
        Ok(ledger)
    };
    let (ledger, trace) = watched(ctx, &mut second, &Moment::Answered, calls).await?;
    explained(&disk, &trace, &folder)?;
    let mut loss = Loss::new(ctx, &folder, ledger?);
    loss.answered = kept;
    let mut left = ctx.rounds(40, 1_000);
    for event in &trace.events {
        if let Some(number) = answered(event) {
            loss.answered.insert(number);
        }
        if disk.play(event) && left.next().is_some() {
            let when = format!("{} of a process that found sessions", event.name);
            for luck in [Luck::Nothing, Luck::Names, Luck::Bytes] {
                loss.goes(&disk, luck, &when).await?;
            }
        }
    }
    ctx.discard(&namespace).await;
    Ok(())
}

/// Opens a store in a second process and makes calls, one after the other.
async fn make(ctx: &Ctx, namespace: &Namespace, calls: Vec<(Key, What)>) -> Outcome<(Ledger, Trace)> {
    let mut second = ctx.second_process().await?;
    let (opening, now) = (second.open(namespace), ctx.now());
    let calls = async {
        let mut ledger = Ledger::new(opening.await?, now);
        for (key, what) in calls {
            ledger.call(&key, what).await?;
        }
        Ok(ledger)
    };
    let (ledger, trace) = watched(ctx, &mut second, &Moment::Answered, calls).await?;
    Ok((ledger?, trace))
}
