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

/// A new store is opened and its first session created. From what a kill after each of the steps leaves, another process goes on: it
/// creates a session, and the power goes when that is acknowledged.
pub(super) async fn what_follows_a_kill_outlives_the_power(ctx: &Ctx) -> Outcome {
    let namespace = ctx.new_namespace()?;
    let folder = ctx.folder_of(&namespace)?;
    let mut disk = Disk::of(&folder).map_err(unreadable)?;
    let (_, trace) = create(ctx, &namespace, What::Create(record(ctx, 700)), Keys::of(ctx)?.first).await?;
    explained(&disk, &trace, &folder)?;
    let mut left = ctx.rounds(40, 1_000);
    for event in &trace.events {
        if disk.play(event) && left.next().is_some() {
            go_on(ctx, disk.clone(), &folder, &event.name).await?;
        }
    }
    ctx.discard(&namespace).await;
    Ok(())
}

/// Goes on from what a process left that was killed after a step.
async fn go_on(ctx: &Ctx, mut disk: Disk, was: &Path, after: &str) -> Outcome {
    let namespace = ctx.new_namespace()?;
    let folder = ctx.folder_of(&namespace)?;
    Image::of(&disk, Luck::Everything).lay_out(was, &folder).map_err(unreadable)?;
    disk.move_to(&folder);
    let (ledger, trace) =
        create(ctx, &namespace, What::Create(record(ctx, 600)), Keys::of(ctx)?.beside).await?;
    explained(&disk, &trace, &folder)?;
    let mut loss = Loss::new(ctx, &folder, ledger);
    let when = format!("a creation that followed a kill after {after}");
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

/// Opens a store in a second process and makes one call.
async fn create(ctx: &Ctx, namespace: &Namespace, what: What, key: Key) -> Outcome<(Ledger, Trace)> {
    let mut second = ctx.second_process().await?;
    let (opening, now) = (second.open(namespace), ctx.now());
    let call = async {
        let mut ledger = Ledger::new(opening.await?, now);
        ledger.call(&key, what).await?;
        Ok(ledger)
    };
    let (ledger, trace) = watched(ctx, &mut second, &Moment::Answered, call).await?;
    Ok((ledger?, trace))
}
