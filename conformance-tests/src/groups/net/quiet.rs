//! The server says nothing, says it too late, or is not there.

use session_core::Error;

use crate::{
    checks::difference,
    ctx::Ctx,
    fixture::subject,
    groups::net::{
        call::Call,
        lane::{Lane, SHORT},
        scene::Scene,
    },
    outcome::{Outcome, Stop},
    proxy::{Break, Trap, Way, Weather},
};

/// An answer that comes when nobody waits for it any more is not taken for the answer to another call.
pub(super) async fn a_late_answer_is_nobody_elses(ctx: &Ctx) -> Outcome {
    let lane = Lane::open(ctx, SHORT).await?;
    let mut rng = ctx.rng();
    let other = subject(ctx);
    for call in Call::VERBS {
        for way in [Way::ToServer, Way::ToClient] {
            let mut scene = Scene::set(ctx, &*lane.direct, call, &mut rng).await?;
            let there = other.create(&*lane.direct, ctx.now()).await?;
            scene.rehearse(&*lane.store).await?;
            let trap = Trap { way, after: 0, then: Break::Stall };
            lane.proxy.arm(trap);
            let told = scene.act(&*lane.store).await?;
            lane.proxy.change(Weather::Fair);
            for _ in 0..3 {
                let found = ctx.answered(7, lane.store.load(&other.key, ctx.now())).await?;
                let is_right = match &found {
                    Ok(found) => difference(found.as_ref(), Some(&there)).is_none(),
                    Err(error) => matches!(error, Error::Backend { .. }),
                };
                ctx.check(
                    9,
                    is_right,
                    format_args!("after a late answer to a {call:?}, a load of another session"),
                );
            }
            lane.proxy.cut_all().await;
            lane.proxy.settled().await;
            scene.judge(&told, trap).await?;
            scene.recovers(&*lane.store, trap).await?;
            scene.clear().await?;
            lane.direct.delete(&other.key).await?;
        }
    }
    Ok(())
}

/// While the server refuses connections every call fails, and nothing of it is done when the server is back.
pub(super) async fn a_server_that_is_away_may_come_back(ctx: &Ctx) -> Outcome {
    let mut lane = Lane::open(ctx, SHORT).await?;
    let mut rng = ctx.rng();
    for call in Call::VERBS {
        let mut scene = Scene::set(ctx, &*lane.direct, call, &mut rng).await?;
        scene.rehearse(&*lane.store).await?;
        lane.proxy.shut().await.map_err(|error| no_port(&error))?;
        // The first one may meet a connection of before, the second one meets nobody.
        let first = scene.act(&*lane.store).await?;
        scene.judge(&first, "the server went away").await?;
        let told = scene.act(&*lane.store).await?;
        scene.judge(&told, "the server was away").await?;
        if call == Call::Load {
            let opened = ctx.open_through(&lane.namespace, lane.proxy.address(), SHORT);
            let opened = ctx.answered(7, opened).await?;
            let is_fit = matches!(opened, Ok(_) | Err(Error::Backend { .. }));
            ctx.check(9, is_fit, format_args!("a server that is away was opened with {:?}", opened.err()));
        }
        lane.proxy.open().map_err(|error| no_port(&error))?;
        scene.recovers(&*lane.store, "the server came back").await?;
        scene.judge(&told, "the server was away and came back").await?;
        scene.clear().await?;
    }
    Ok(())
}

fn no_port(error: &std::io::Error) -> Stop {
    Stop::NotRun(format!("a port of the loopback was taken by somebody else: {error}"))
}
