//! A process that is killed while several clients use it.

use std::sync::Arc;

use session_core::{Error, Key, Store, Timestamp};
use tokio::task::{JoinSet, yield_now};

use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::{random_keys, subject},
    linearize::{Client, Mix, Recorder},
    outcome::Outcome,
    rng::Rng,
};

/// Four clients call a second process, which is killed at any moment: what was acknowledged is there, what was under way was
/// done or was not, and the next process goes on at once.
pub(super) async fn a_killed_process_keeps_every_acknowledged_write(ctx: &Ctx) -> Outcome {
    let (namespace, mut rng) = (ctx.new_namespace()?, Rng::of(ctx.seed(), "killed under load"));
    for _ in ctx.rounds(4, 20) {
        let keys = random_keys(&mut rng, 3);
        let mut second = ctx.second_process().await?;
        let there = Recorder::new(ctx.open_in(&second, &namespace).await?);
        let mut clients = clients(&there, &rng, &keys, ctx.now());
        ctx.answered(2, wait_for_calls(&there, 5 + rng.index(100))).await?;
        second.kill();
        ctx.answered(2, async { while clients.join_next().await.is_some() {} }).await?;
        let opened = ctx.answered(2, ctx.open_namespace(&namespace)).await?;
        if !ctx.check(2, opened.is_ok(), format_args!("after a kill it cannot be opened: {opened:?}")) {
            return Ok(());
        }
        let store = opened?;
        look(&there.beside(Arc::clone(&store)), &keys, ctx.now()).await;
        ctx.answered(3, go_on(ctx, &*store, &keys)).await??;
        judge(ctx, &there)?;
    }
    Ok(())
}

/// Lets four clients work until the process has ended.
fn clients(there: &Recorder, rng: &Rng, keys: &[Key], now: Timestamp) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    for name in 0..4 {
        let mut client = Client::new(there, (rng, name), Mix::LongLived, keys, now);
        clients.spawn(async move { while !matches!(client.call().await, Err(Error::Backend { .. })) {} });
    }
    clients
}

async fn wait_for_calls(there: &Recorder, calls: usize) {
    while there.calls() < calls {
        yield_now().await;
    }
}

/// Writes down what is there.
async fn look(here: &Recorder, keys: &[Key], now: Timestamp) {
    for key in keys {
        let _ = here.load(key, now).await;
    }
}

/// Writes to other sessions, and deletes those of the clients.
async fn go_on(ctx: &Ctx, store: &dyn Store, keys: &[Key]) -> Outcome {
    let mine = subject(ctx);
    let created = mine.create(store, ctx.now()).await;
    ctx.answers(3, &created, Answer::Ok, "a creation after a kill");
    for key in keys.iter().chain([&mine.key]) {
        let deleted = store.delete(key).await;
        ctx.answers(3, &deleted, Answer::Ok, "a delete after a kill");
    }
    Ok(())
}

fn judge(ctx: &Ctx, recorder: &Recorder) -> Outcome {
    for history in recorder.histories().values() {
        ctx.has_an_order(1, history)?;
    }
    Ok(())
}
