//! How the calls of a store begin and end, whatever its database.

use std::{sync::Arc, time::Duration};

use session_core::{Key, Result, Stored, Timestamp};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout_at,
};

use crate::{
    call::Call,
    engine::Engine,
    executor::Executor,
    fault::{self, Cause},
    turns::{Turn, Turns},
};

/// More calls than can be under way at the same time.
const CALLS_MAX: u32 = 1 << 28;

/// Lets calls in, each with its time, and the writes of one session in their order.
#[derive(Clone)]
pub(crate) struct Calls {
    engine: Arc<dyn Engine>,
    executor: Executor,
    turns: Turns,
    timeout: Duration,
    /// One permit for each call under way; closed with the store.
    under_way: Arc<Semaphore>,
}

impl Calls {
    pub(crate) fn new(engine: Arc<dyn Engine>, executor: Executor, timeout: Duration) -> Self {
        let under_way = Arc::new(Semaphore::new(CALLS_MAX as usize));
        Self { engine, executor, turns: Turns::default(), timeout, under_way }
    }

    /// Begins a call, unless the store is being closed; it lasts as long as the permit.
    fn begin(&self, action: &'static str) -> Result<(Call, OwnedSemaphorePermit)> {
        let permit = Arc::clone(&self.under_way).try_acquire_owned();
        let permit = permit.map_err(|_| fault::not_applied(action, Cause::Closed))?;
        Ok((Call::new(action, self.timeout), permit))
    }

    /// Loads a session; this alone needs no task of its own.
    pub(crate) async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let (call, _permit) = self.begin("load a session")?;
        self.engine.load(call, key, now).await
    }

    /// Has a write of one session carried out when all that were asked for before have ended.
    pub(crate) async fn write<T: Send + 'static, F: Future<Output = Result<T>> + Send>(
        &self,
        action: &'static str,
        key: &Key,
        write: impl FnOnce(Arc<dyn Engine>, Call) -> F + Send + 'static,
    ) -> Result<T> {
        let (call, permit) = self.begin(action)?;
        let (mut turn, engine) = (self.turns.enter(key), Arc::clone(&self.engine));
        let work = async move {
            let _permit = permit;
            if timeout_at(call.begins_by, turn.come()).await.is_err() {
                // Whoever comes next has to wait for the one before all the same.
                tokio::spawn(pass_on(turn));
                return Err(fault::not_applied(action, Cause::EarlierWrite));
            }
            let written = write(engine, call).await;
            drop(turn);
            written
        };
        self.executor.run(work).await
    }

    /// Has any other call carried out.
    pub(crate) async fn read<T: Send + 'static, F: Future<Output = Result<T>> + Send>(
        &self,
        action: &'static str,
        read: impl FnOnce(Arc<dyn Engine>, Call) -> F + Send + 'static,
    ) -> Result<T> {
        let (call, permit) = self.begin(action)?;
        let engine = Arc::clone(&self.engine);
        let work = async move {
            let _permit = permit;
            read(engine, call).await
        };
        self.executor.run(work).await
    }

    /// Refuses calls from now on, waits for those that were begun, and closes every connection.
    pub(crate) async fn close(&self) {
        // Where there is none to be had any more, somebody else has closed it.
        let all = Arc::clone(&self.under_way).acquire_many_owned(CALLS_MAX).await;
        let Ok(all) = all else { return };
        let (engine, under_way) = (Arc::clone(&self.engine), Arc::clone(&self.under_way));
        let close = async move {
            engine.close().await;
            under_way.close();
            drop(all);
            Ok(())
        };
        // It fails only when the runtime has ended, and all connections with it.
        let _ = self.executor.run(close).await;
    }
}

async fn pass_on(mut turn: Turn) {
    turn.come().await;
}
