//! Nothing breaks, but bytes come one by one.

use crate::{
    ctx::Ctx,
    groups::net::{
        call::Call,
        lane::{AMPLE, Lane},
        scene::Scene,
    },
    outcome::Outcome,
    proxy::Weather,
};

/// An answer that arrives in pieces is waited for until it is whole.
pub(super) async fn an_answer_byte_by_byte_is_whole(ctx: &Ctx) -> Outcome {
    let lane = Lane::open(ctx, AMPLE).await?;
    lane.proxy.change(Weather::Trickling);
    let mut rng = ctx.rng();
    let lists = if ctx.caps().directory { &Call::LISTS[..] } else { &[] };
    for call in Call::VERBS.iter().chain(lists) {
        for _ in 0..5 {
            let scene = Scene::set(ctx, &*lane.direct, *call, &mut rng).await?;
            let told = scene.act(&*lane.store).await?;
            ctx.check(
                8,
                told.is_ok(),
                format_args!("a {call:?} whose bytes came one by one failed: {told:?}"),
            );
            scene.judge(&told, "its bytes came one by one").await?;
            scene.clear().await?;
        }
    }
    Ok(())
}
