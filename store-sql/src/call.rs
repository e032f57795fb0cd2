//! One statement over one connection, within the time that its call has.

use std::{sync::Arc, time::Duration};

use session_core::{Error, Result};
use sqlx::{ConnectOptions, Pool, pool::PoolConnection};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    dialect::Sql,
    driver::Driver,
    fault::{self, Cause},
    own::{Lent, Own},
    value::{Answer, Kind, Value},
};

/// How long the cause is looked for when a pool had no connection to give.
const PROBE: Duration = Duration::from_secs(1);

/// How often a statement that reads is sent before its error is passed on.
const READS: usize = 12;

/// The connections of a store.
pub(crate) struct Connections<D: Driver> {
    source: Source<D>,
    writers: Semaphore,
    timeout: Duration,
}

/// Where connections come from.
pub(crate) enum Source<D: Driver> {
    Own(Arc<Own<D>>),
    /// The application's pool, which has to have back at once what it gave.
    Pool(Pool<D>),
}

enum Taken<D: Driver> {
    Own(Lent<D>),
    Pool(PoolConnection<D>),
}

/// A call: what it does, in the words of an error, and until when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) action: &'static str,
    pub(crate) deadline: Instant,
}

/// Why a statement did not do what it should.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) cause: Cause,
    /// Whether the database may have got it, and may have carried it out if the cause does not say otherwise.
    was_sent: bool,
}

impl Failure {
    const fn before(cause: Cause) -> Self {
        Self { cause, was_sent: false }
    }

    /// Returns the error of a call that wrote.
    pub(crate) fn of_write(self, action: &'static str) -> Error {
        if self.was_sent { fault::sent(action, self.cause) } else { fault::not_applied(action, self.cause) }
    }

    /// Returns the error of a call that read.
    pub(crate) fn of_read(self, action: &'static str) -> Error {
        fault::not_applied(action, self.cause)
    }
}

impl<D: Driver> Connections<D> {
    pub(crate) fn new(source: Source<D>, timeout: Duration) -> Self {
        Self { source, writers: Semaphore::new(D::WRITERS), timeout }
    }

    /// Closes them all when what was begun is done.
    pub(crate) async fn close(&self) {
        match &self.source {
            Source::Own(own) => own.close().await,
            Source::Pool(pool) => pool.close().await,
        }
    }

    /// Begins a call.
    pub(crate) fn call(&self, action: &'static str) -> Call {
        Call { action, deadline: Instant::now() + self.timeout }
    }

    /// Returns whether so much of a call's time has gone by that it is not begun any more.
    pub(crate) fn is_late(&self, call: &Call) -> bool {
        Instant::now() + self.timeout / 4 >= call.deadline
    }

    /// Carries out a statement that writes, and returns how many rows it changed.
    pub(crate) async fn write(&self, call: &Call, sql: &Sql, bound: impl Fn() -> Vec<Value>) -> Result<u64> {
        let written = self.try_write(call, sql, bound, None).await;
        written.map(|answer| answer.affected).map_err(|failure| failure.of_write(call.action))
    }

    /// Carries out a statement that reads rows of these kinds.
    pub(crate) async fn read(
        &self,
        call: &Call,
        sql: &Sql,
        bound: impl Fn() -> Vec<Value>,
        kinds: &'static [Kind],
    ) -> Result<Answer> {
        self.try_read(call, sql, bound, kinds).await.map_err(|failure| failure.of_read(call.action))
    }

    /// Carries out a statement that writes, and may return rows of these kinds.
    pub(crate) async fn try_write(
        &self,
        call: &Call,
        sql: &Sql,
        bound: impl Fn() -> Vec<Value>,
        kinds: Option<&'static [Kind]>,
    ) -> Result<Answer, Failure> {
        let permit = timeout_at(call.deadline - self.timeout / 2, self.writers.acquire()).await;
        let Ok(Ok(_permit)) = permit else { return Err(Failure::before(Cause::Locked)) };
        loop {
            match self.attempt(call, sql, bound(), kinds).await {
                // It was rolled back, so that sending it again is as good as sending it later.
                Err(failure) if failure.was_sent && failure.cause.is_passing() && !self.is_late(call) => {}
                ended => return ended,
            }
        }
    }

    /// Carries out a statement that reads rows of these kinds.
    pub(crate) async fn try_read(
        &self,
        call: &Call,
        sql: &Sql,
        bound: impl Fn() -> Vec<Value>,
        kinds: &'static [Kind],
    ) -> Result<Answer, Failure> {
        let mut attempts = 0;
        loop {
            let failure = match self.attempt(call, sql, bound(), Some(kinds)).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            attempts += 1;
            // A server that was restarted has cut the connections that are idle.
            let is_cut = matches!(failure.cause, Cause::Lost(_) | Cause::Ended(_));
            let may_help = failure.was_sent && (failure.cause.is_passing() || is_cut);
            if !may_help || attempts == READS || self.is_late(call) {
                return Err(failure);
            }
        }
    }

    /// Sends the statement once.
    async fn attempt(
        &self,
        call: &Call,
        sql: &Sql,
        bound: Vec<Value>,
        reads: Option<&'static [Kind]>,
    ) -> Result<Answer, Failure> {
        let mut taken = self.acquire(call).await.map_err(Failure::before)?;
        let run = D::run(taken.connection(), Arc::clone(sql), bound, reads);
        let cause = match timeout_at(call.deadline, run).await {
            Ok(Ok(answer)) => {
                taken.give_back().await;
                return Ok(answer);
            }
            Ok(Err(error)) => fault::cause(error, D::cause).of_a_statement(),
            Err(_) => Cause::TimedOut,
        };
        if cause.breaks_connection() {
            taken.discard();
        } else {
            taken.give_back().await;
        }
        Err(Failure { cause, was_sent: true })
    }

    async fn acquire(&self, call: &Call) -> Result<Taken<D>, Cause> {
        let until = call.deadline - PROBE.min(self.timeout / 4);
        match &self.source {
            Source::Own(own) => {
                // There is no more to find out: it is known why none could be had.
                own.acquire(until).await.map(Taken::Own)
            }
            Source::Pool(pool) => {
                let error = match timeout_at(until, pool.acquire()).await {
                    Ok(Ok(connection)) => return Ok(Taken::Pool(connection)),
                    Ok(Err(error)) => error,
                    Err(_) => sqlx::Error::PoolTimedOut,
                };
                Err(match fault::cause(error, D::cause) {
                    Cause::Exhausted => probe(pool, call).await,
                    cause => cause,
                })
            }
        }
    }
}

impl<D: Driver> Taken<D> {
    fn connection(&mut self) -> &mut D::Connection {
        match self {
            Self::Own(lent) => &mut lent.connection,
            Self::Pool(connection) => connection,
        }
    }

    async fn give_back(self) {
        match self {
            Self::Own(lent) => lent.give_back().await,
            // It goes back when it is dropped.
            Self::Pool(_) => {}
        }
    }

    /// Closes it. Going back, it would first send what is left of the statement.
    fn discard(self) {
        match self {
            // It is closed when it is dropped.
            Self::Own(_) => {}
            Self::Pool(connection) => drop(connection.detach()),
        }
    }
}

/// Finds out why the pool had no connection to give: it does not say.
async fn probe<D: Driver>(pool: &Pool<D>, call: &Call) -> Cause {
    let left = call.deadline.saturating_duration_since(Instant::now()).min(PROBE);
    match timeout(left, pool.connect_options().connect()).await {
        Ok(Ok(_)) => Cause::Exhausted,
        Ok(Err(error)) => fault::cause(error, D::cause),
        Err(_) => Cause::TimedOut,
    }
}
