//! The most sessions that the table may hold.

use session_core::{Error, Key, Result, Timestamp};
use tokio::sync::{Mutex, MutexGuard};

use crate::{
    call::Call,
    driver::Driver,
    engine::{SWEEP_ROWS, SqlEngine, spare},
    row,
    value::Value,
};

/// How many sessions there are, as far as this process knows.
///
/// Who creates or deletes holds it from before the statement until after, so that it stays exact as long as no other process
/// writes. Each sweep counts anew.
#[derive(Debug)]
pub(crate) struct Cap {
    pub(crate) max: u64,
    /// `None` when it has to be counted.
    pub(crate) known: Mutex<Option<u64>>,
}

impl Cap {
    pub(crate) fn new(max: usize) -> Self {
        Self { max: u64::try_from(max.max(1)).unwrap_or(u64::MAX), known: Mutex::new(None) }
    }

    /// Returns how many sessions have to go.
    pub(crate) fn excess(&self, known: u64) -> u64 {
        known.saturating_sub(self.max)
    }
}

impl<D: Driver> SqlEngine<D> {
    /// Evicts until there are as many as there may be: the dead, then those without an owner, then the rest.
    pub(crate) async fn make_room(
        &self,
        call: &Call,
        known: &mut MutexGuard<'_, Option<u64>>,
        spared: Option<&Key>,
        now: Timestamp,
    ) -> Result<()> {
        let Some(cap) = &self.cap else { return Ok(()) };
        let mut count = match **known {
            Some(count) => count,
            None => self.count_all(call).await?,
        };
        let mut tier = 0;
        while cap.excess(count) > 0 && tier < 3 {
            let excess = usize::try_from(cap.excess(count)).unwrap_or(usize::MAX).min(SWEEP_ROWS);
            **known = None;
            let gone = match tier {
                0 => self.sweep(call, now, spared, excess).await?,
                owned => {
                    let bound = || vec![Value::Int(owned - 1), spare(spared), row::limit(excess)];
                    self.connections.write(call, &self.sql.evict, bound).await?
                }
            };
            count = count.saturating_sub(gone);
            if gone == 0 {
                tier += 1;
            }
        }
        **known = Some(count);
        Ok(())
    }

    /// Counts the dead, too.
    async fn count_all(&self, call: &Call) -> Result<u64> {
        self.count_after(call, -1).await
    }

    /// Changes how many there are known to be by what `work` returns; after an error they have to be counted.
    pub(crate) async fn counted<T>(
        &self,
        work: impl Future<Output = Result<(T, i64)>>,
    ) -> Result<(T, Option<MutexGuard<'_, Option<u64>>>)> {
        let Some(cap) = &self.cap else { return work.await.map(|(done, _)| (done, None)) };
        let mut known = cap.known.lock().await;
        let before = known.take();
        let (done, change) = match work.await {
            // Nothing was changed: the answers of a create.
            Err(error @ (Error::Exists | Error::TooLarge { .. })) => {
                *known = before;
                return Err(error);
            }
            done => done?,
        };
        *known = before.map(|before| before.saturating_add_signed(change));
        Ok((done, Some(known)))
    }
}
