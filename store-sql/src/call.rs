//! One statement over one connection, within the time that its call has.

use std::{sync::Arc, time::Duration};

use session_core::{Error, Result};
use sqlx::{ConnectOptions, Pool};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};

use crate::{
    dialect::Sql,
    driver::Driver,
    fault::{self, Cause},
    own::Own,
    taken::Taken,
    value::{Answer, Kind, Value},
};

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

/// What a statement is for.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    Read,
    Write,
}

/// A call: what it does, in the words of an error, and until when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) action: &'static str,
    /// Until when it waits for what it needs: its turn, those before it, a connection, the lock of a file. A statement that is
    /// sent has the rest of the time at least.
    pub(crate) begins_by: Instant,
    /// When it is given up.
    pub(crate) deadline: Instant,
}

impl Call {
    /// Begins a call that may take so long.
    pub(crate) fn new(action: &'static str, timeout: Duration) -> Self {
        let now = Instant::now();
        Self { action, begins_by: now + (timeout - timeout / 4), deadline: now + timeout }
    }

    /// Returns its next step, which has no more time than is left of it.
    pub(crate) const fn step(self, action: &'static str) -> Self {
        Self { action, ..self }
    }

    /// Returns whether so much of its time has gone by that nothing is begun for it any more.
    pub(crate) fn is_late(&self) -> bool {
        Instant::now() >= self.begins_by
    }
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
        Call::new(action, self.timeout)
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
        let permit = timeout_at(call.begins_by, self.writers.acquire()).await;
        let Ok(Ok(_permit)) = permit else { return Err(Failure::before(Cause::Behind)) };
        loop {
            match self.attempt(Purpose::Write, call, sql, bound(), kinds).await {
                // It was rolled back, so that sending it again is as good as sending it later.
                Err(failure) if failure.was_sent && failure.cause.is_passing() && !call.is_late() => {}
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
            let failure = match self.attempt(Purpose::Read, call, sql, bound(), Some(kinds)).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            attempts += 1;
            // A server that was restarted has cut the connections that are idle.
            let is_cut = matches!(failure.cause, Cause::Lost(_) | Cause::Ended(_));
            let may_help = failure.was_sent && (failure.cause.is_passing() || is_cut);
            if !may_help || attempts == READS || call.is_late() {
                return Err(failure);
            }
        }
    }

    /// Sends the statement once, if there is time left for it.
    async fn attempt(
        &self,
        purpose: Purpose,
        call: &Call,
        sql: &Sql,
        bound: Vec<Value>,
        reads: Option<&'static [Kind]>,
    ) -> Result<Answer, Failure> {
        if call.is_late() {
            return Err(Failure::before(Cause::Behind));
        }
        let mut taken = self.acquire(call).await.map_err(Failure::before)?;
        if matches!(purpose, Purpose::Write)
            && let Err(cause) = taken.hurry(call, self.timeout).await
        {
            taken.discard();
            return Err(Failure::before(cause));
        }
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
        let until = call.begins_by;
        match &self.source {
            Source::Own(own) => {
                // There is no more to find out: it is known why none could be had.
                own.acquire(until).await.map(Taken::Own)
            }
            Source::Pool(pool) => {
                let error = match timeout_at(until, pool.acquire()).await {
                    Ok(Ok(connection)) => return Ok(Taken::Pool(connection, None)),
                    Ok(Err(error)) => error,
                    Err(_) => sqlx::Error::PoolTimedOut,
                };
                Err(match fault::cause(error, D::cause).of_a_connection() {
                    Cause::Exhausted => probe(pool, call).await,
                    cause => cause,
                })
            }
        }
    }
}

/// Finds out why the pool had no connection to give: it does not say.
async fn probe<D: Driver>(pool: &Pool<D>, call: &Call) -> Cause {
    match timeout_at(call.deadline, pool.connect_options().connect()).await {
        Ok(Ok(_)) => Cause::Exhausted,
        Ok(Err(error)) => fault::cause(error, D::cause).of_a_connection(),
        Err(_) => Cause::TimedOut,
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::options::SqlOptions;

    fn connections(folder: &Path) -> Result<Connections<sqlx::Sqlite>, Cause> {
        let url = format!("sqlite:{}?mode=rwc", folder.join("late.db").display());
        let connect = <sqlx::Sqlite as Driver>::connect_options(&url, &SqlOptions::default())?;
        Ok(Connections::new(Source::Own(Own::new(connect, 1)), Duration::from_secs(600)))
    }

    #[tokio::test]
    async fn nothing_is_begun_for_a_call_whose_time_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let connections = connections(folder.path()).unwrap();
        let (call, make) = (connections.call("test"), Sql::from("CREATE TABLE made (x)"));
        // A connection is there, so that nothing else stands in the way.
        connections.read(&call, &"SELECT 1".into(), Vec::new, &[Kind::Int]).await.unwrap();
        let late = Call { begins_by: Instant::now(), ..call };
        let refused = connections.write(&late, &make, Vec::new).await.unwrap_err();
        assert!(!refused.is_unknown(), "{refused:?}");
        let refused = connections.read(&late, &"SELECT 1".into(), Vec::new, &[Kind::Int]).await;
        assert!(refused.is_err());
        // It was not made before.
        connections.write(&call, &make, Vec::new).await.unwrap();
        assert!(connections.write(&call, &make, Vec::new).await.is_err());
    }

    #[tokio::test]
    async fn a_write_that_waits_for_those_of_its_own_process_blames_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let connections = connections(folder.path()).unwrap();
        let _under_way = connections.writers.acquire().await.unwrap();
        let late = Call { begins_by: Instant::now(), ..connections.call("test") };
        let written = connections.try_write(&late, &"SELECT 1".into(), Vec::new, None).await;
        let Err(failure) = written else { panic!("it did not wait") };
        assert!(matches!(failure.cause, Cause::Behind) && !failure.was_sent, "{failure:?}");
    }
}
