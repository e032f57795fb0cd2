//! Tasks that save and load as fast as they are answered.

use std::{
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::SESSIONS;

/// How often something was done in a second.
#[derive(Clone, Copy)]
pub(crate) struct Measured(pub(crate) f64);

/// What is saved.
pub(crate) struct Record {
    pub(crate) data: Vec<u8>,
    pub(crate) accessed_at: i64,
    pub(crate) expires_at: i64,
}

/// Whatever keeps sessions by number.
pub(crate) trait Keeps: Send + Sync + 'static {
    /// Saves session `n`, which must be at `expected`, and returns its next revision, once it is synced.
    fn save(&self, n: usize, record: Record, expected: Option<i64>) -> impl Future<Output = i64> + Send;

    /// Returns how much data session `n` has, after a copy of it was made.
    fn load(&self, n: usize) -> impl Future<Output = usize> + Send;
}

/// Somebody who keeps sessions, and what is known of them. A clone is a handle.
pub(crate) struct Keeper<K>(Arc<Known<K>>);

struct Known<K> {
    keeps: K,
    revisions: Vec<AtomicI64>,
    /// The time, which goes on by one with each save.
    now: AtomicI64,
}

/// What a task does.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    Save,
    Load,
}

impl<K: Keeps> Keeper<K> {
    /// Has all sessions saved for the first time.
    pub(crate) async fn filled(keeps: K) -> Self {
        let revisions = (0..SESSIONS).map(|_| AtomicI64::new(0)).collect();
        let keeper = Self(Arc::new(Known { keeps, revisions, now: AtomicI64::new(0) }));
        let tasks = (0..FILLERS).map(|first| {
            let keeper = keeper.clone();
            async move {
                for n in (first..SESSIONS).step_by(FILLERS) {
                    keeper.save(n, None).await;
                }
            }
        });
        tasks.collect::<JoinSet<_>>().join_all().await;
        keeper
    }

    /// Has `tasks` work for so long, each on sessions of its own, so that none is in the way of another.
    pub(crate) async fn measure(&self, work: Work, tasks: usize, time: Duration) -> Measured {
        let (start, spread) = (now(), SESSIONS / tasks);
        let tasks = (0..tasks).map(|task| {
            let keeper = self.clone();
            async move {
                let mut done = 0;
                // A stride that is prime to all spreads visits them all, in no order.
                while start.elapsed() < time {
                    keeper.work(work, task * spread + done * STRIDE % spread).await;
                    done += 1;
                }
                done
            }
        });
        let done: usize = tasks.collect::<JoinSet<_>>().join_all().await.into_iter().sum();
        Measured(done as f64 / start.elapsed().as_secs_f64())
    }

    async fn work(&self, work: Work, n: usize) {
        match work {
            Work::Save => self.save(n, Some(self.revision(n).load(Ordering::Relaxed))).await,
            Work::Load => assert_eq!(black_box(self.0.keeps.load(n).await), BYTES),
        }
    }

    async fn save(&self, n: usize, expected: Option<i64>) {
        let accessed_at = self.0.now.fetch_add(1, Ordering::Relaxed);
        let record = Record { data: data(n, accessed_at), accessed_at, expires_at: accessed_at + YEAR };
        let revision = self.0.keeps.save(n, record, expected).await;
        self.revision(n).store(revision, Ordering::Relaxed);
    }

    fn revision(&self, n: usize) -> &AtomicI64 {
        self.0.revisions.get(n).unwrap()
    }
}

impl<K> Clone for Keeper<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

const BYTES: usize = 1_024;
const FILLERS: usize = 250;
const STRIDE: usize = 7_919;
const YEAR: i64 = 365 * 24 * 3_600 * 1_000;

pub(crate) fn key(n: usize) -> [u8; 16] {
    // Keys are random in life, so neighbours in number are none in the file.
    let mixed = (n as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    mixed.to_be_bytes()
}

/// Returns data that is never the same twice.
fn data(n: usize, at: i64) -> Vec<u8> {
    let start = (n as u64) << 40 ^ at.cast_unsigned();
    let numbers = (0..BYTES as u64 / 8).map(|place| (start + place).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    numbers.flat_map(u64::to_le_bytes).collect()
}

#[expect(clippy::disallowed_methods, reason = "how long something takes is what is looked for")]
fn now() -> Instant {
    Instant::now()
}
