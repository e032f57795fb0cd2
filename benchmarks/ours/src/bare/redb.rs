//! redb by hand, with a transaction for each save: the tables of store-shelf that a save has to change.
//!
//! It carries out its transaction in the task that saves. There is no checksum here, no owner, and nothing is checked
//! but the revision.

use std::{hint::black_box, path::Path};

use harness::{Loads, Saves, Subject, Values};
use redb::{Database, Durability, ReadableDatabase, ReadableTable, Table, TableDefinition, WriteTransaction};

use super::bytes::Bytes;
use crate::keys::key;

const SESSIONS: TableDefinition<'_, &[u8; 16], &[u8]> = TableDefinition::new("sessions");
const EXPIRY: TableDefinition<'_, &[u8; 24], ()> = TableDefinition::new("expiry");
const ACCESS: TableDefinition<'_, &[u8; 25], ()> = TableDefinition::new("access");

/// As much as store-shelf has by default.
const CACHE_BYTES: usize = 64 << 20;

pub(crate) struct Redb {
    database: Database,
}

/// Revision and two times, of eight bytes each, come before the values.
const HEAD_BYTES: usize = 24;

impl Redb {
    pub(crate) fn open(folder: &Path) -> Self {
        let path = folder.join("bare.redb");
        let database = Database::builder().set_cache_size(CACHE_BYTES).create(path).unwrap();
        let bare = Self { database };
        bare.commit(|_| {});
        bare
    }

    /// Carries out one transaction, which is synced.
    fn commit(&self, change: impl FnOnce(&mut Tables<'_>)) {
        let mut transaction = self.database.begin_write().unwrap();
        transaction.set_durability(Durability::Immediate).unwrap();
        change(&mut Tables::open(&transaction));
        transaction.commit().unwrap();
    }

    /// Puts a record with these values in the place of the one that is there, if any.
    fn put(&self, place: usize, values: &[u8], time: u64) {
        self.commit(|tables| {
            let revision = tables.take(place).map_or(0, |[revision, ..]| revision) + 1;
            tables.put(place, &record(revision, time, values));
        });
    }
}

fn record(revision: u64, time: u64, values: &[u8]) -> Vec<u8> {
    let numbers = [revision, time, time + HOUR].map(u64::to_be_bytes);
    [numbers.as_flattened(), values].concat()
}

const HOUR: u64 = 3_600_000;

struct Tables<'t> {
    sessions: Table<'t, &'static [u8; 16], &'static [u8]>,
    expiry: Table<'t, &'static [u8; 24], ()>,
    access: Table<'t, &'static [u8; 25], ()>,
}

impl<'t> Tables<'t> {
    fn open(transaction: &'t WriteTransaction) -> Self {
        Self {
            sessions: transaction.open_table(SESSIONS).unwrap(),
            expiry: transaction.open_table(EXPIRY).unwrap(),
            access: transaction.open_table(ACCESS).unwrap(),
        }
    }

    /// Removes a session from the orders, and returns its revision and its times.
    fn take(&mut self, place: usize) -> Option<[u64; 3]> {
        let found = self.sessions.get(key(place).as_bytes()).unwrap().map(|record| numbers(record.value()));
        if let Some([_, accessed_at, expires_at]) = found {
            self.expiry.remove(&order(0, expires_at, place)).unwrap();
            self.access.remove(&order(1, accessed_at, place)).unwrap();
        }
        found
    }

    fn put(&mut self, place: usize, record: &[u8]) {
        let [_, accessed_at, expires_at] = numbers(record);
        self.sessions.insert(key(place).as_bytes(), record).unwrap();
        self.expiry.insert(&order(0, expires_at, place), ()).unwrap();
        self.access.insert(&order(1, accessed_at, place), ()).unwrap();
    }
}

impl Saves for Redb {
    type Hand = Bytes;

    fn hand(&self, values: &Values) -> Bytes {
        Bytes::of(values)
    }

    async fn create(&self, hand: &mut Bytes, place: usize) {
        self.save(hand, place, place as u64).await;
    }

    async fn save(&self, hand: &mut Bytes, place: usize, change: u64) {
        self.put(place, &hand.change(change), change);
    }
}

impl Loads for Redb {
    async fn load(&self, place: usize) {
        let sessions = self.database.begin_read().unwrap().open_table(SESSIONS).unwrap();
        let record = sessions.get(key(place).as_bytes()).unwrap().unwrap();
        black_box(record.value()[HEAD_BYTES..].to_vec());
    }
}

impl Subject for Redb {
    async fn touch(&self, _: &mut Bytes, place: usize, change: u64) {
        self.commit(|tables| {
            let revision = tables.take(place).map_or(0, |[revision, ..]| revision) + 1;
            let old = tables.sessions.get(key(place).as_bytes()).unwrap().unwrap().value().to_vec();
            tables.put(place, &record(revision, change, &old[HEAD_BYTES..]));
        });
    }

    async fn delete(&self, place: usize) {
        self.commit(|tables| {
            tables.take(place);
            tables.sessions.remove(key(place).as_bytes()).unwrap();
        });
    }
}

fn numbers(record: &[u8]) -> [u64; 3] {
    [0, 8, 16].map(|at| u64::from_be_bytes(*record[at..].first_chunk().unwrap()))
}

/// Returns the place of a session in an order: zeros, a time, the key.
fn order<const N: usize>(zeros: usize, time: u64, place: usize) -> [u8; N] {
    let mut bytes = [0; N];
    bytes[zeros..][..8].copy_from_slice(&time.to_be_bytes());
    bytes[zeros + 8..].copy_from_slice(key(place).as_bytes());
    bytes
}
