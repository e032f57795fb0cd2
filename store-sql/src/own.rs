//! The connections that a store opens by itself and keeps.
//!
//! sqlx's pool asks a connection whether it lives each time it comes back, which is a second way to the server for each
//! statement, and does not say why it could not connect. Here a connection comes back only when its statement went well.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::{ConnectOptions, Connection};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Duration, Instant, timeout_at},
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
    /// The one that was used last is at the end, and taken first.
    idle: Mutex<Vec<Idle<D>>>,
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
    _permit: OwnedSemaphorePermit,
}

impl<D: Driver> Own<D> {
    pub(crate) fn new(connect: OptionsOf<D>, max: u32) -> Arc<Self> {
        let max = max.max(1);
        let permits = Arc::new(Semaphore::new(usize::try_from(max).unwrap_or(Semaphore::MAX_PERMITS)));
        Arc::new(Self { connect, max, permits, idle: Mutex::default() })
    }

    /// Returns a connection that is likely to live.
    pub(crate) async fn acquire(self: &Arc<Self>, until: Instant) -> Result<Lent<D>, Cause> {
        let permit = match timeout_at(until, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(Cause::Closed),
            Err(_) => return Err(Cause::Exhausted),
        };
        let lend = |connection, opened| Lent { connection, opened, own: Arc::clone(self), _permit: permit };
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
        self.lock().pop()
    }

    /// Returns the connection that was idle for longest, if that is too long.
    fn take_forgotten(&self) -> Option<Idle<D>> {
        let mut idle = self.lock();
        let is_forgotten = idle.first().is_some_and(|idle| idle.since.elapsed() > IDLE_MAX);
        is_forgotten.then(|| idle.remove(0))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Idle<D>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D: Driver> Lent<D> {
    /// Gives a connection back whose statement has ended.
    pub(crate) async fn give_back(self) {
        let Self { connection, opened, own, _permit } = self;
        if opened.elapsed() > AGE_MAX {
            let _ = connection.close().await;
        } else {
            own.lock().push(Idle { connection, opened, since: Instant::now() });
        }
        if let Some(idle) = own.take_forgotten() {
            let _ = idle.connection.close().await;
        }
    }
}

/// Opens a connection; a file whose journal another process changes at this moment is tried again.
pub(crate) async fn open<D: Driver>(connect: &OptionsOf<D>, until: Instant) -> Result<D::Connection, Cause> {
    loop {
        let cause = match timeout_at(until, connect.connect()).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(error)) => fault::cause(error, D::cause),
            Err(_) => return Err(Cause::TimedOut),
        };
        if !cause.is_passing() || Instant::now() >= until {
            return Err(cause);
        }
    }
}
