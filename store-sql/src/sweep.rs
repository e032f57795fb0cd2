//! Deleting those that are dead.

use session_core::{Key, Result, Timestamp};

use crate::{call::Call, driver::Driver, engine::SqlEngine, evict::spare, fault, row};

/// The most expired sessions that one statement deletes, so that other writes come in between.
const SWEEP_ROWS: usize = 500;

/// How often one sweep makes room under the cap, at most.
const ROOMS: usize = 16;

const ACTION: &str = "delete expired sessions";

impl<D: Driver> SqlEngine<D> {
    /// Deletes at most `limit` of those that are dead, batch by batch, and then makes room under the cap.
    pub(crate) async fn sweep_all(&self, now: Timestamp, limit: usize) -> Result<usize> {
        let (mut deleted, mut has_evicted) = (0, false);
        let swept = match self.sweep_batches(now, limit, &mut deleted).await {
            Ok(()) => self.shrink(now, &mut has_evicted).await,
            failed => failed,
        };
        match swept {
            Ok(()) => Ok(deleted),
            Err(error) if deleted > 0 || has_evicted => Err(fault::partly(ACTION, error)),
            Err(error) => Err(error),
        }
    }

    async fn sweep_batches(&self, now: Timestamp, limit: usize, deleted: &mut usize) -> Result<()> {
        while *deleted < limit {
            let (call, batch) = (self.connections.call(ACTION), SWEEP_ROWS.min(limit - *deleted));
            let sweep = async {
                let gone = self.sweep(&call, now, None, batch).await?;
                Ok((usize::try_from(gone).unwrap_or(batch), -i64::try_from(gone).unwrap_or(0)))
            };
            let (gone, _) = self.counted(&call, sweep).await?;
            *deleted += gone;
            if gone < batch {
                break;
            }
        }
        Ok(())
    }

    /// Counts anew, because other processes may have created some, and evicts what is too much.
    ///
    /// Others may create between two steps.
    async fn shrink(&self, now: Timestamp, has_evicted: &mut bool) -> Result<()> {
        let Some(cap) = &self.cap else { return Ok(()) };
        for _ in 0..ROOMS {
            let call = self.connections.call("evict sessions");
            let mut known = cap.lock(&call).await?;
            if !*has_evicted {
                *known = None;
            }
            if !self.make_room(&call, &mut known, None, now).await? {
                break;
            }
            *has_evicted = true;
        }
        Ok(())
    }

    /// Deletes one batch of those that are dead, but not `spared`.
    pub(crate) async fn sweep(
        &self,
        call: &Call,
        now: Timestamp,
        spared: Option<&Key>,
        limit: usize,
    ) -> Result<u64> {
        let bound = || vec![row::time(now), spare(spared), row::limit(limit)];
        self.connections.write(call, &self.sql.sweep, bound).await
    }
}
