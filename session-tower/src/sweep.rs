//! The sweep loop.

use std::{
    convert::Infallible,
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use session_core::{Result, Sessions};
use tokio::{task::yield_now, time::sleep};

use crate::answer::Causes;

/// What an interval is at least and at most, so that a pause neither vanishes nor overflows.
const INTERVALS: (Duration, Duration) = (Duration::from_millis(1), Duration::from_secs(365 * 24 * 60 * 60));

/// How many times longer than the interval a store is left alone at most that goes on failing.
const BACK_OFF_MAX: u32 = 16;

/// Deletes dead sessions about every `interval`, for as long as it is polled.
///
/// It sweeps in batches until none is left, and lets others run in between. The first sweep begins within a tenth of the
/// interval, and every pause is up to a tenth longer or shorter, so that servers on one store do not sweep in step. A
/// failing sweep is logged and tried again, after twice the pause each time, up to sixteen intervals. An interval is
/// from a millisecond to a year.
///
/// Dropping or aborting it ends it between two steps of the store.
///
/// ```
/// use std::time::Duration;
/// use session_tower::{Config, Sessions, sweep_every};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), session_tower::Error> {
/// let sessions = Sessions::new(store_memory::MemoryStore::new(), Config::default())?;
/// let sweep = tokio::spawn(sweep_every(sessions, Duration::from_secs(60)));
/// // Serve the application, and then:
/// sweep.abort();
/// # Ok(()) }
/// ```
pub async fn sweep_every(sessions: Sessions, interval: Duration) -> Infallible {
    let interval = interval.clamp(INTERVALS.0, INTERVALS.1);
    let mut pause = interval;
    sleep(interval.mul_f64(0.1 * random())).await;
    loop {
        match sweep(&sessions).await {
            Ok(()) => pause = interval,
            Err(error) => {
                let causes = Causes(&error);
                tracing::error!(event = "sweep_failed", error = %causes, "a sweep of dead sessions failed, and is tried again later");
                pause = (pause * 2).min(interval * BACK_OFF_MAX);
            }
        }
        sleep(pause.mul_f64(0.9 + 0.2 * random())).await;
    }
}

/// Deletes every dead session.
async fn sweep(sessions: &Sessions) -> Result<()> {
    while sessions.sweep().await? == Sessions::SWEEP_BATCH {
        yield_now().await;
    }
    Ok(())
}

/// Returns a number from 0 to 1; a hasher's random keys are random enough for a pause.
fn random() -> f64 {
    let bits = u32::try_from(RandomState::new().hash_one(()) >> 32).unwrap_or(u32::MAX);
    f64::from(bits) / f64::from(u32::MAX)
}
