//! The most sessions that the table may hold.

use session_core::{Key, Result, Timestamp};
use tokio::{
    sync::{Mutex, MutexGuard},
    time::timeout_at,
};

use crate::{
    call::Call,
    driver::Driver,
    engine::SqlEngine,
    evict::EVICTED_AT_ONCE,
    fault::{self, Cause},
};

/// How many sessions there are, as far as this process knows.
///
/// Who creates or deletes holds it from before the statement until after, so that it stays exact as long as no other process
/// writes. Each sweep counts anew.
#[derive(Debug)]
pub(crate) struct Cap {
    max: u64,
    /// `None` when it has to be counted.
    known: Mutex<Option<u64>>,
}

/// Who goes, in this order.
#[derive(Clone, Copy, Debug)]
enum Who {
    Dead,
    WithoutOwner,
    WithOwner,
}

impl Cap {
    pub(crate) fn new(max: usize) -> Self {
        Self { max: u64::try_from(max.max(1)).unwrap_or(u64::MAX), known: Mutex::new(None) }
    }

    /// Returns how many sessions have to go.
    fn excess(&self, known: u64) -> u64 {
        known.saturating_sub(self.max)
    }

    /// Waits for those that create or delete.
    pub(crate) async fn lock(&self, call: &Call) -> Result<MutexGuard<'_, Option<u64>>> {
        let locked = timeout_at(call.begins_by, self.known.lock()).await;
        locked.map_err(|_| fault::not_applied(call.action, Cause::Behind))
    }
}

impl<D: Driver> SqlEngine<D> {
    /// Evicts one batch of those that are too many, and returns whether there still are too many.
    ///
    /// A batch has an end, so that nobody who creates a session waits for a table to be emptied.
    pub(crate) async fn make_room(
        &self,
        call: &Call,
        known: &mut Option<u64>,
        spared: Option<&Key>,
        now: Timestamp,
    ) -> Result<bool> {
        let Some(cap) = &self.cap else { return Ok(false) };
        let before = match *known {
            Some(count) => count,
            None => self.count_all(call).await?,
        };
        // It is not known when this is dropped.
        *known = None;
        let mut count = before;
        for who in [Who::Dead, Who::WithoutOwner, Who::WithOwner] {
            let most = usize::try_from(cap.excess(count)).unwrap_or(usize::MAX).min(EVICTED_AT_ONCE);
            if most == 0 {
                break;
            }
            let gone = match who {
                Who::Dead => self.sweep(call, now, spared, most).await,
                Who::WithoutOwner => self.evict(call, false, spared, most).await,
                Who::WithOwner => self.evict(call, true, spared, most).await,
            };
            let gone = match gone {
                Ok(gone) => gone,
                Err(error) => {
                    *known = (!error.is_unknown()).then_some(count);
                    return Err(if count < before { fault::partly(call.action, error) } else { error });
                }
            };
            count = count.saturating_sub(gone);
            // The next ones go only when none of these are left.
            if gone >= most as u64 {
                break;
            }
        }
        *known = Some(count);
        Ok(cap.excess(count) > 0)
    }

    /// Counts the dead, too.
    async fn count_all(&self, call: &Call) -> Result<u64> {
        self.count_after(call, -1).await
    }

    /// Changes how many there are known to be by what `work` returns; after an error that leaves it open they have to be counted.
    pub(crate) async fn counted<T>(
        &self,
        call: &Call,
        work: impl Future<Output = Result<(T, i64)>>,
    ) -> Result<(T, Option<MutexGuard<'_, Option<u64>>>)> {
        let Some(cap) = &self.cap else { return work.await.map(|(done, _)| (done, None)) };
        let mut known = cap.lock(call).await?;
        // It is not known when this is dropped.
        let before = known.take();
        match work.await {
            Ok((done, change)) => {
                *known = before.map(|before| before.saturating_add_signed(change));
                Ok((done, Some(known)))
            }
            Err(error) => {
                *known = before.filter(|_| !error.is_unknown());
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn whoever_holds_it_up_is_waited_for_as_long_as_a_call_has_time_and_no_longer() {
        let cap = Cap::new(1);
        let call = Call::new("test", Duration::from_millis(40));
        let held = cap.known.lock().await;
        let locked = timeout(Duration::from_secs(20), cap.lock(&call)).await;
        let refused = locked.expect("it waits for ever").unwrap_err();
        assert!(!refused.is_unknown(), "{refused:?}");
        drop(held);
        assert!(cap.lock(&Call::new("test", Duration::from_secs(600))).await.is_ok());
    }
}
