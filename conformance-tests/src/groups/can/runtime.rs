//! A runtime that ends while calls are under way.

use tokio::{
    runtime::Builder,
    task::{spawn_blocking, yield_now},
};

use super::judge;
use crate::{
    checks::Answer,
    ctx::Ctx,
    fixture::random_keys,
    linearize::{Client, Mix, Recorder},
    outcome::{Outcome, Stop},
};

/// Four clients work on a runtime of their own, which is dropped in the middle: their calls were made or were not, and
/// the store goes on.
pub(super) async fn a_runtime_that_ends_takes_nothing_with_it(ctx: &Ctx) -> Outcome {
    let mut rng = ctx.rng();
    for _ in ctx.rounds(5, 50) {
        let keys = random_keys(&mut rng, 2);
        let recorder = Recorder::new(ctx.shared_store());
        let client = |name| Client::new(&recorder, (&rng, name), Mix::LongLived, &keys, ctx.now());
        let (clients, log) = ((0..4).map(client).collect(), recorder.clone());
        let end = spawn_blocking(move || work_until(clients, &log, 100));
        ctx.answered(2, end).await?.map_err(|error| Stop::Failed(format!("it panicked: {error}")))??;
        for key in &keys {
            let _ = ctx.answered(2, recorder.load(key, ctx.now())).await?;
            let deleted = ctx.answered(2, recorder.delete(key)).await?;
            ctx.answers(3, &deleted, Answer::Ok, "a delete after the runtime ended");
            let _ = ctx.answered(2, recorder.load(key, ctx.now())).await?;
        }
        judge(ctx, 1, &recorder)?;
    }
    Ok(())
}

/// Runs the clients on a runtime that is dropped when so many calls were made.
fn work_until(clients: Vec<Client>, log: &Recorder, calls: usize) -> Outcome {
    let built = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = built.map_err(|error| Stop::NotRun(format!("no runtime could be built: {error}")))?;
    for mut client in clients {
        runtime.spawn(async move {
            // No more than this, so that the history stays one that can be searched.
            for _ in 0..2 * calls {
                // The answer is in the history.
                let _ = client.call().await;
                yield_now().await;
            }
        });
    }
    runtime.block_on(async {
        while log.calls() < calls {
            yield_now().await;
        }
    });
    Ok(())
}
