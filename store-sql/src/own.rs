//! The connections that a store opens by itself and keeps.
//!
//! sqlx's pool asks a connection whether it lives each time it comes back, which is a second way to the server for each
//! statement, and does not say why it could not connect. Here a connection comes back only when its statement went well.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use sqlx::{ConnectOptions, Connection};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Duration, Instant, sleep_until, timeout_at},
};

use crate::{
    driver::{Driver, OptionsOf},
    fault::{self, Cause},
};

/// How long a connection may be idle before it is asked whether it lives.
const PING_AFTER: Duration = Duration::from_secs(1);

/// How long a connection may be idle before it is closed.
const IDLE_MAX: Duration = Duration::from_secs(600);

/// How long a connection is used at most, so that what a server keeps for it does not grow for ever.
const AGE_MAX: Duration = Duration::from_secs(1_800);

/// The connections of a store.
pub(crate) struct Own<D: Driver> {
    connect: OptionsOf<D>,
    max: u32,
    /// One for each connection that may be in use.
    permits: Arc<Semaphore>,
    idle: Mutex<AllIdle<D>>,
}

struct AllIdle<D: Driver> {
    /// The one that was used last is at the end, and taken first.
    connections: Vec<Idle<D>>,
    /// Whether there is a task that closes those that nobody uses.
    is_watched: bool,
}

struct Idle<D: Driver> {
    connection: D::Connection,
    opened: Instant,
    since: Instant,
}

/// A connection in use. It is closed when it is dropped, unless it is given back.
pub(crate) struct Lent<D: Driver> {
    pub(crate) connection: D::Connection,
    opened: Instant,
    own: Arc<Own<D>>,
    permit: OwnedSemaphorePermit,
}

impl<D: Driver> Own<D> {
    pub(crate) fn new(connect: OptionsOf<D>, max: u32) -> Arc<Self> {
        let max = max.max(1);
        let permits = Arc::new(Semaphore::new(usize::try_from(max).unwrap_or(Semaphore::MAX_PERMITS)));
        let idle = Mutex::new(AllIdle { connections: Vec::new(), is_watched: false });
        Arc::new(Self { connect, max, permits, idle })
    }

    /// Returns a connection that is likely to live.
    pub(crate) async fn acquire(self: &Arc<Self>, until: Instant) -> Result<Lent<D>, Cause> {
        let permit = match timeout_at(until, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(Cause::Closed),
            Err(_) => return Err(Cause::Exhausted),
        };
        let lend = |connection, opened| Lent { connection, opened, own: Arc::clone(self), permit };
        while let Some(Idle { mut connection, opened, since }) = self.take() {
            if since.elapsed() < PING_AFTER
                || timeout_at(until, connection.ping()).await.is_ok_and(|pinged| pinged.is_ok())
            {
                return Ok(lend(connection, opened));
            }
        }
        Ok(lend(open::<D>(&self.connect, until).await?, Instant::now()))
    }

    /// Closes every connection when it is not in use any more; nothing is lent from then on.
    pub(crate) async fn close(&self) {
        // Who waits for a connection already comes before this.
        let all = self.permits.acquire_many(self.max).await;
        self.permits.close();
        drop(all);
        while let Some(idle) = self.take() {
            // What a server did not hear is closed all the same.
            let _ = idle.connection.close().await;
        }
    }

    fn take(&self) -> Option<Idle<D>> {
        self.lock().connections.pop()
    }

    /// Keeps a connection that is not in use.
    fn keep(self: &Arc<Self>, idle: Idle<D>) {
        let mut all = self.lock();
        all.connections.push(idle);
        if !mem::replace(&mut all.is_watched, true) {
            tokio::spawn(watch(Arc::downgrade(self)));
        }
    }

    /// Returns a connection that was idle for too long, or else when there may be one; `None` when there is none at all, and
    /// the watch ends.
    fn forgotten(&self) -> Option<Result<Idle<D>, Instant>> {
        let mut all = self.lock();
        let Some(first) = all.connections.first() else {
            all.is_watched = false;
            return None;
        };
        let until = first.since + IDLE_MAX;
        Some(if until <= Instant::now() { Ok(all.connections.remove(0)) } else { Err(until) })
    }

    fn lock(&self) -> MutexGuard<'_, AllIdle<D>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes the connections that are idle for too long, until there is none.
async fn watch<D: Driver>(own: Weak<Own<D>>) {
    loop {
        // What is not held here may end in the meantime.
        let Some(forgotten) = own.upgrade().and_then(|own| own.forgotten()) else { return };
        match forgotten {
            Ok(idle) => drop(idle.connection.close().await),
            Err(until) => sleep_until(until).await,
        }
    }
}

impl<D: Driver> Lent<D> {
    /// Gives a connection back whose statement has ended.
    pub(crate) fn give_back(self) {
        let Self { connection, opened, own, permit } = self;
        if opened.elapsed() <= AGE_MAX {
            own.keep(Idle { connection, opened, since: Instant::now() });
            return;
        }
        // Nobody waits for it, but it counts until it is closed.
        tokio::spawn(async move {
            let _ = connection.close().await;
            drop(permit);
        });
    }
}

/// Opens a connection; a file whose journal another process changes at this moment is tried again.
pub(crate) async fn open<D: Driver>(connect: &OptionsOf<D>, until: Instant) -> Result<D::Connection, Cause> {
    let mut in_the_way = None;
    loop {
        match timeout_at(until, connect.connect()).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(error)) => match fault::cause(error, D::cause).of_a_connection() {
                cause if cause.is_passing() && Instant::now() < until => in_the_way = Some(cause),
                cause => return Err(cause),
            },
            Err(_) => return Err(in_the_way.unwrap_or(Cause::TimedOut)),
        }
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use tokio::{task::yield_now, time::timeout};

    use super::*;
    use crate::options::SqlOptions;

    /// Has so much time pass at once.
    async fn pass(time: Duration) {
        tokio::time::pause();
        tokio::time::advance(time).await;
        tokio::time::resume();
    }

    #[tokio::test]
    async fn a_connection_that_nobody_uses_is_closed_though_nothing_else_happens() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}?mode=rwc", folder.path().join("idle.db").display());
        let connect = <sqlx::Sqlite as Driver>::connect_options(&url, &SqlOptions::default()).unwrap();
        let own = Own::<sqlx::Sqlite>::new(connect, 2);
        let until = Instant::now() + Duration::from_secs(600);
        let (one, other) = (own.acquire(until).await.unwrap(), own.acquire(until).await.unwrap());
        one.give_back();

        pass(IDLE_MAX / 2).await;
        other.give_back();
        for (passes, left) in [(IDLE_MAX / 4, 2), (IDLE_MAX / 2, 1), (IDLE_MAX / 2, 0)] {
            pass(passes).await;
            let closes = async {
                while own.lock().connections.len() > left {
                    yield_now().await;
                }
            };
            timeout(Duration::from_secs(20), closes).await.expect("it stays open");
            assert_eq!(own.lock().connections.len(), left);
        }
        while own.lock().is_watched {
            yield_now().await;
        }
        own.acquire(Instant::now() + Duration::from_secs(600)).await.unwrap().give_back();
        assert!(own.lock().is_watched, "the next one is watched as well");
    }
}
