//! Reading what is committed.

use std::panic::{self, AssertUnwindSafe};

use redb::{ReadTransaction, ReadableTableMetadata};
use session_core::{Error, Key, Owner, Result, Stored, Timestamp};

use crate::{
    fault, format,
    schema::{self, EXPIRY, OWNERS, SESSIONS},
};

const DAMAGED: Error = Error::Corrupt("its place in the file is damaged");

/// The sessions at one instant. What is committed later is not in it.
pub(crate) struct Snapshot {
    transaction: ReadTransaction,
}

impl Snapshot {
    pub(crate) fn new(transaction: ReadTransaction) -> Self {
        Self { transaction }
    }

    /// Returns the live session under `key`, `None` when there is none.
    pub(crate) fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        self.read(|transaction| {
            let sessions = transaction.open_table(SESSIONS)?;
            let found = sessions.get(key.as_bytes())?;
            Ok(found.map(|bytes| format::decode(key, bytes.value())))
        })?
        .transpose()
        .map(|found| found.filter(|stored| stored.record.is_live(now)))
    }

    /// Returns at most `limit` live sessions after `after`, in the order of their keys.
    pub(crate) fn page(
        &self,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Stored)>> {
        self.read(|transaction| {
            let (mut page, sessions) = (Vec::new(), transaction.open_table(SESSIONS)?);
            let start = after.map_or([0; Key::BYTES], |after| *after.as_bytes());
            for entry in sessions.range::<&[u8; Key::BYTES]>(&start..)? {
                if page.len() == limit {
                    break;
                }
                let (key, bytes) = entry?;
                let key = Key::from_bytes(*key.value());
                if after != Some(&key) {
                    page.extend(live(key, bytes.value(), now));
                }
            }
            Ok(page)
        })
    }

    /// Returns the live sessions of `owner`, in the order of their keys.
    pub(crate) fn owned_by(&self, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        self.read(|transaction| {
            let (mut owned, sessions) = (Vec::new(), transaction.open_table(SESSIONS)?);
            let [first, last] = [[0; Key::BYTES], [0xff; Key::BYTES]]
                .map(|bytes| schema::ownership(owner, &Key::from_bytes(bytes)));
            for entry in transaction.open_table(OWNERS)?.range(first.as_slice()..=last.as_slice())? {
                let Some(key) = schema::key_of(entry?.0.value()) else { continue };
                let Some(bytes) = sessions.get(key.as_bytes())? else { continue };
                owned.extend(live(key, bytes.value(), now));
            }
            Ok(owned)
        })
    }

    /// Returns how many sessions are live.
    pub(crate) fn count(&self, now: Timestamp) -> Result<u64> {
        self.read(|transaction| {
            let all = transaction.open_table(SESSIONS)?.len()?;
            let last = schema::expiry(now, &Key::from_bytes([0xff; Key::BYTES]));
            let dead = transaction.open_table(EXPIRY)?.range::<&[u8; 24]>(..=&last)?.count();
            Ok(all.saturating_sub(dead as u64))
        })
    }

    /// Reads, and turns what a damaged file makes of that, a panic included, into an error.
    fn read<T>(&self, look: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error>) -> Result<T> {
        match panic::catch_unwind(AssertUnwindSafe(|| look(&self.transaction))) {
            Ok(Err(redb::Error::Corrupted(_))) | Err(_) => Err(DAMAGED),
            Ok(read) => read.map_err(fault::failed_to("read its file")),
        }
    }
}

/// Returns a session for a list: a damaged one is left out and does not hide the others.
fn live(key: Key, bytes: &[u8], now: Timestamp) -> Option<(Key, Stored)> {
    format::decode(&key, bytes).ok().filter(|stored| stored.record.is_live(now)).map(|stored| (key, stored))
}
