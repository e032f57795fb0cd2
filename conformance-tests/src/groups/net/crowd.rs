//! Many callers on a line that breaks again and again.

use std::sync::Arc;

use crate::{
    ctx::Ctx,
    fixture::{race, random_keys},
    groups::net::lane::{AMPLE, Lane},
    linearize::{Client, Mix, Recorder},
    outcome::Outcome,
};

/// Four clients of two sessions see one order while connection after connection is cut or reset.
pub(super) async fn clients_of_a_breaking_line_see_one_order(ctx: &Ctx) -> Outcome {
    let lane = Lane::open(ctx, AMPLE).await?;
    let mut rng = ctx.rng();
    for _ in ctx.rounds(10, 200) {
        let keys = &random_keys(&mut rng, 2);
        let recorder = &Recorder::new(Arc::clone(&lane.store));
        rng.number();
        let rng = &rng;
        lane.proxy.arm_for_ever(rng.clone());
        race(4, |name| async move {
            Client::new(recorder, (rng, name), Mix::LongLived, keys, ctx.now()).work(25).await;
        })
        .await?;
        lane.proxy.disarm();
        lane.proxy.cut_all().await;
        lane.proxy.settled().await;
        let direct = recorder.beside(Arc::clone(&lane.direct));
        for key in keys {
            direct.load(key, ctx.now()).await?;
        }
        for history in recorder.histories().values() {
            ctx.has_an_order(1, history)?;
        }
        for key in keys {
            lane.direct.delete(key).await?;
        }
    }
    Ok(())
}
