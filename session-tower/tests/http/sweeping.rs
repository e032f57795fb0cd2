//! The sweep loop.

use std::time::Duration;

use axum::Router;
use session_tower::{Sessions, sweep_every};
use tokio::time::{sleep, timeout};

use crate::support::{Call, Fault, World};

const INTERVAL: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn it_sweeps_batch_after_batch() {
    let world = World::new();
    for _ in 0..=Sessions::SWEEP_BATCH {
        world.browser(Router::new()).get("/count").await;
    }
    world.clock.advance(Duration::from_secs(24 * 60 * 60));
    world.store.calls();
    let _ = timeout(INTERVAL / 2, sweep_every(world.sessions.clone(), INTERVAL)).await;
    assert_eq!(world.store.calls(), [Call::Sweep, Call::Sweep], "the last session was in the second batch");
}

#[tokio::test(start_paused = true)]
async fn it_goes_on_at_its_interval() {
    let world = World::new();
    let _ = timeout(20 * INTERVAL, sweep_every(world.sessions.clone(), INTERVAL)).await;
    let sweeps = world.store.calls().len();
    assert!((18..=23).contains(&sweeps), "{sweeps}");
}

#[tokio::test(start_paused = true)]
async fn no_interval_is_too_short_or_too_long() {
    for interval in [Duration::ZERO, Duration::MAX] {
        let sweeping = sweep_every(World::new().sessions, interval);
        assert!(timeout(INTERVAL, sweeping).await.is_err(), "it goes on, and lets others run");
    }
    let world = World::new();
    world.store.fault(Call::Sweep, Fault::Fails);
    let sweeping = sweep_every(world.sessions, Duration::MAX);
    assert!(timeout(Duration::from_secs(1 << 32), sweeping).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn it_survives_a_failing_store_and_leaves_it_alone_for_longer() {
    let world = World::new();
    world.store.fault(Call::Sweep, Fault::Fails);
    let sweep = tokio::spawn(sweep_every(world.sessions.clone(), INTERVAL));
    sleep(64 * INTERVAL).await;
    let tries = world.store.calls().len();
    assert!((5..=8).contains(&tries), "1, 2, 4, 8, 16 and again 16 intervals: {tries}");

    world.store.heal();
    sleep(60 * INTERVAL).await;
    let sweeps = world.store.calls().len();
    assert!(sweeps >= 35, "back to the interval: {sweeps}");

    sweep.abort();
    assert!(sweep.await.unwrap_err().is_cancelled());
    sleep(5 * INTERVAL).await;
    assert_eq!(world.store.calls(), []);
}
