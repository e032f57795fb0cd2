//! One statement over one connection, within the time that its call has.

use std::{sync::Arc, time::Duration};

use session_core::Result;
use sqlx::{ConnectOptions, Pool, pool::PoolConnection};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    dialect::Sql,
    driver::Driver,
    fault::{self, Cause},
    value::{Answer, Kind, Value},
};

/// How long the cause is looked for when no connection could be had.
const PROBE: Duration = Duration::from_secs(1);

/// The connections of a store.
#[derive(Debug)]
pub(crate) struct Connections<D: Driver> {
    pool: Pool<D>,
    writers: Arc<Semaphore>,
    timeout: Duration,
}

/// A call: what it does, in the words of an error, and until when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) action: &'static str,
    pub(crate) deadline: Instant,
}

impl<D: Driver> Connections<D> {
    pub(crate) fn new(pool: Pool<D>, timeout: Duration) -> Self {
        Self { pool, writers: Arc::new(Semaphore::new(D::WRITERS)), timeout }
    }

    pub(crate) fn pool(&self) -> &Pool<D> {
        &self.pool
    }

    /// Begins a call.
    pub(crate) fn call(&self, action: &'static str) -> Call {
        Call { action, deadline: Instant::now() + self.timeout }
    }

    /// Carries out a statement that writes, and returns how many rows it changed.
    pub(crate) async fn write(&self, call: &Call, sql: &Sql, bound: impl Fn() -> Vec<Value>) -> Result<u64> {
        let permit = timeout_at(call.deadline - self.timeout / 2, self.writers.acquire()).await;
        let Ok(Ok(_permit)) = permit else { return Err(fault::not_applied(call.action, Cause::Locked)) };
        loop {
            let cause = match self.attempt(call, sql, bound(), None).await? {
                Ok(answer) => return Ok(answer.affected),
                Err(cause) => cause,
            };
            // It was rolled back, so that sending it again is as good as sending it later.
            if !cause.is_passing() || Instant::now() + self.timeout / 4 >= call.deadline {
                return Err(fault::sent(call.action, cause));
            }
        }
    }

    /// Carries out a statement that reads rows of these kinds.
    pub(crate) async fn read(
        &self,
        call: &Call,
        sql: &Sql,
        bound: impl Fn() -> Vec<Value>,
        kinds: &'static [Kind],
    ) -> Result<Answer> {
        let mut attempts = 0;
        loop {
            let cause = match self.attempt(call, sql, bound(), Some(kinds)).await? {
                Ok(answer) => return Ok(answer),
                Err(cause) => cause,
            };
            attempts += 1;
            // A server that was restarted has cut the connections that are idle.
            let may_help = cause.is_passing() || matches!(cause, Cause::Lost(_) | Cause::Ended(_));
            if !may_help || attempts == READS || Instant::now() + self.timeout / 4 >= call.deadline {
                return Err(fault::not_applied(call.action, cause));
            }
        }
    }

    /// Sends the statement once. The outer error is that of a statement that was never sent.
    async fn attempt(
        &self,
        call: &Call,
        sql: &Sql,
        bound: Vec<Value>,
        reads: Option<&'static [Kind]>,
    ) -> Result<Result<Answer, Cause>> {
        let mut connection = self.acquire(call).await?;
        let run = D::run(&mut connection, Arc::clone(sql), bound, reads);
        let cause = match timeout_at(call.deadline, run).await {
            Ok(Ok(answer)) => return Ok(Ok(answer)),
            Ok(Err(error)) => fault::cause(error, D::cause).of_a_statement(),
            Err(_) => Cause::TimedOut,
        };
        if cause.breaks_connection() {
            // Going back to the pool, it would first send what is left of the statement.
            drop(connection.detach());
        }
        Ok(Err(cause))
    }

    async fn acquire(&self, call: &Call) -> Result<PoolConnection<D>> {
        let acquired = timeout_at(call.deadline - PROBE.min(self.timeout / 4), self.pool.acquire()).await;
        let error = match acquired {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(error)) => error,
            Err(_) => sqlx::Error::PoolTimedOut,
        };
        let cause = match fault::cause(error, D::cause) {
            Cause::Exhausted => self.probe(call).await,
            cause => cause,
        };
        Err(fault::not_applied(call.action, cause))
    }

    /// Finds out why the pool had no connection to give: it does not say.
    async fn probe(&self, call: &Call) -> Cause {
        let left = call.deadline.saturating_duration_since(Instant::now()).min(PROBE);
        match timeout(left, self.pool.connect_options().connect()).await {
            Ok(Ok(_)) => Cause::Exhausted,
            Ok(Err(error)) => fault::cause(error, D::cause),
            Err(_) => Cause::TimedOut,
        }
    }
}

/// How often a statement that reads is sent before its error is passed on.
const READS: usize = 12;
