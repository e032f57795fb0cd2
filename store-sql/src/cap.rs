//! The most sessions that the table may hold.

use session_core::{Error, Key, Result, Timestamp, tell_evicted};
use tokio::sync::{Mutex, MutexGuard};

use crate::{
    call::Call,
    driver::Driver,
    engine::{SWEEP_ROWS, SqlEngine, spare},
    row,
    value::{Kind, Value},
};

/// How many are looked up before they are deleted.
const EVICTED_AT_ONCE: usize = 64;

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
        **known = None;
        while cap.excess(count) > 0 {
            let gone = self.sweep(call, now, spared, batch(cap.excess(count), SWEEP_ROWS)).await?;
            count = count.saturating_sub(gone);
            if gone == 0 {
                break;
            }
        }
        for owned in [0, 1] {
            count = count.saturating_sub(self.evict(call, owned, spared, cap.excess(count)).await?);
        }
        **known = Some(count);
        Ok(())
    }

    /// Evicts this many sessions with an owner, or without, and tells who it was; returns fewer where there are fewer.
    ///
    /// Not every database says whom a statement deleted, so they are looked up first, and deleted one by one as long as they
    /// are what they were.
    async fn evict(&self, call: &Call, owned: i64, spared: Option<&Key>, excess: u64) -> Result<u64> {
        let mut evicted = 0;
        while evicted < excess {
            let before = evicted;
            let bound = || {
                vec![Value::Int(owned), spare(spared), row::limit(batch(excess - evicted, EVICTED_AT_ONCE))]
            };
            let looked_up = self.connections.read(call, &self.sql.first_to_go, bound, &[Kind::Text]).await?;
            for key in looked_up.rows.iter().filter_map(row::key_of) {
                let bound = || vec![Value::Text(key.clone()), Value::Int(owned)];
                let gone = self.connections.write(call, &self.sql.evict, bound).await?;
                if gone > 0 {
                    row::parse_key(&key).iter().for_each(tell_evicted);
                }
                evicted += gone;
            }
            // There is nobody left, or others deleted them all.
            if evicted == before {
                break;
            }
        }
        Ok(evicted)
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

fn batch(excess: u64, most: usize) -> usize {
    usize::try_from(excess).map_or(most, |excess| excess.min(most))
}
