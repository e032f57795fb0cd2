//! Evicting those that were not used for longest.

use std::panic::{self, AssertUnwindSafe};

use session_core::{Key, Result, tell_evicted};
use tokio::task::spawn_blocking;

use crate::{
    bulk::Bulk,
    call::Call,
    dialect::Sql,
    driver::Driver,
    engine::SqlEngine,
    fault, row,
    value::{Kind, Row, Value},
};

/// The most sessions that one statement evicts.
pub(crate) const EVICTED_AT_ONCE: usize = 256;

/// How a database evicts. One that was used since it was chosen stays: it is not the oldest any more.
#[derive(Debug)]
pub(crate) enum Evict {
    /// In one statement. Owned, key to spare, limit; gives the keys of those that went.
    Told(Sql),
    /// In two, where none says whom it deleted.
    Untold {
        /// Owned, key to spare, limit; gives keys and when they were accessed.
        first_to_go: Sql,
        /// Keys; owned, accessed at the latest.
        delete: Bulk,
        /// Keys; gives those that are there.
        left: Bulk,
    },
}

/// Key and accessed.
const CANDIDATE: &[Kind] = &[Kind::Text, Kind::Int];

/// Returns the key that a statement spares, or one that no session has.
pub(crate) fn spare(key: Option<&Key>) -> Value {
    key.map_or_else(|| Value::Text(String::new()), row::key)
}

impl<D: Driver> SqlEngine<D> {
    /// Evicts this many sessions with an owner, or without, and tells who it was; returns how many, which is fewer where there
    /// are fewer.
    pub(crate) async fn evict(
        &self,
        call: &Call,
        has_owner: bool,
        spared: Option<&Key>,
        most: usize,
    ) -> Result<u64> {
        let gone = self.evict_once(call, has_owner, spared, most).await?;
        let left = most.saturating_sub(usize::try_from(gone).unwrap_or(most));
        if left == 0 {
            return Ok(gone);
        }
        // Where one was used at this moment, there may be another.
        match self.evict_once(call, has_owner, spared, left).await {
            Ok(more) => Ok(gone + more),
            Err(error) if gone > 0 => Err(fault::partly(call.action, error)),
            Err(error) => Err(error),
        }
    }

    async fn evict_once(
        &self,
        call: &Call,
        has_owner: bool,
        spared: Option<&Key>,
        most: usize,
    ) -> Result<u64> {
        let owned = Value::Int(has_owner.into());
        let bound = || vec![owned.clone(), spare(spared), row::limit(most)];
        match &self.sql.evict {
            Evict::Told(sql) => {
                let gone = self.connections.try_write(call, sql, bound, Some(row::KEY)).await;
                let gone = gone.map_err(|failure| failure.of_write(call.action))?.rows;
                tell(gone.iter().filter_map(row::key_of).collect());
                Ok(gone.len() as u64)
            }
            Evict::Untold { first_to_go, delete, left } => {
                let rows = self.connections.read(call, first_to_go, bound, CANDIDATE).await?.rows;
                self.evict_these(call, &rows, owned, delete, left).await
            }
        }
    }

    async fn evict_these(
        &self,
        call: &Call,
        candidates: &[Row],
        owned: Value,
        delete: &Bulk,
        left: &Bulk,
    ) -> Result<u64> {
        let keys: Vec<_> = candidates.iter().filter_map(row::key_of).collect();
        if keys.is_empty() {
            return Ok(0);
        }
        let accessed = candidates.iter().filter_map(|row| match row.get(1) {
            Some(Some(Value::Int(millis))) => Some(*millis),
            _ => None,
        });
        let latest = Value::Int(accessed.max().unwrap_or(0));
        let bound = || {
            let mut bound = bind(delete, &keys);
            bound.extend([owned.clone(), latest.clone()]);
            bound
        };
        let gone = self.connections.write(call, delete.sql(keys.len()), bound).await?;
        if gone == keys.len() as u64 {
            tell(keys);
            return Ok(gone);
        }
        // Some were used since and stay. Who cannot be looked for is not told of.
        let rows = self.connections.read(call, left.sql(keys.len()), || bind(left, &keys), row::KEY).await;
        if let Ok(answer) = rows {
            let left: Vec<_> = answer.rows.iter().filter_map(row::key_of).collect();
            tell(keys.into_iter().filter(|key| !left.contains(key)).collect());
        }
        Ok(gone)
    }
}

fn bind(bulk: &Bulk, keys: &[String]) -> Vec<Value> {
    bulk.bind(keys.iter().map(|key| vec![Value::Text(key.clone())]))
}

/// Tells who was evicted, on a thread of its own: whoever listens may take his time, and neither the one thread that
/// carries out all calls nor those that wait to create or delete wait for him.
fn tell(keys: Vec<String>) {
    if !keys.is_empty() {
        spawn_blocking(move || {
            for key in keys.iter().filter_map(|key| row::parse_key(key)) {
                // A panic of whoever listens is his own: the next one is told all the same.
                let _ = panic::catch_unwind(AssertUnwindSafe(|| tell_evicted(&key)));
            }
        });
    }
}
