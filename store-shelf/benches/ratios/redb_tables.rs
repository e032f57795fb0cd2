//! The tables of store-shelf, written by hand: what a save has to change in redb, and nothing else.
//!
//! There is no checksum and no owner here, and nothing is checked but the revision.

use std::path::Path;

use redb::{Database, Durability, ReadableDatabase, Table, TableDefinition, WriteTransaction};

use crate::load::{Record, key};

const SESSIONS: TableDefinition<'_, &[u8; 16], &[u8]> = TableDefinition::new("sessions");
const EXPIRY: TableDefinition<'_, &[u8; 24], ()> = TableDefinition::new("expiry");
const ACCESS: TableDefinition<'_, &[u8; 25], ()> = TableDefinition::new("access");

/// Where the data begins; before it are a place for a checksum, the revision, both times, and the length of the owner.
const DATA: usize = 29;

pub(crate) fn open(path: &Path) -> Database {
    Database::builder().set_cache_size(64 << 20).create(path).unwrap()
}

/// The tables in one transaction.
pub(crate) struct Tables<'t> {
    sessions: Table<'t, &'static [u8; 16], &'static [u8]>,
    expiry: Table<'t, &'static [u8; 24], ()>,
    access: Table<'t, &'static [u8; 25], ()>,
}

impl<'t> Tables<'t> {
    pub(crate) fn open(transaction: &'t WriteTransaction) -> Self {
        Self {
            sessions: transaction.open_table(SESSIONS).unwrap(),
            expiry: transaction.open_table(EXPIRY).unwrap(),
            access: transaction.open_table(ACCESS).unwrap(),
        }
    }

    /// Writes the record of session `n`, which must be at `expected`, and returns its next revision.
    pub(crate) fn save(&mut self, n: usize, record: &Record, expected: Option<i64>) -> i64 {
        let (key, revision) = (key(n), expected.map_or(1, |revision| revision + 1));
        if let Some(old) = self.sessions.insert(&key, record_bytes(revision, record).as_slice()).unwrap() {
            let [revision, accessed_at, expires_at] = [4, 12, 20].map(|offset| number(old.value(), offset));
            assert_eq!(Some(revision), expected);
            self.expiry.remove(&place::<24>(0, expires_at, &key)).unwrap();
            self.access.remove(&place::<25>(1, accessed_at, &key)).unwrap();
        }
        self.expiry.insert(&place::<24>(0, record.expires_at, &key), ()).unwrap();
        self.access.insert(&place::<25>(1, record.accessed_at, &key), ()).unwrap();
        revision
    }
}

/// Begins a transaction that is synced when it is committed.
pub(crate) fn begin(database: &Database) -> WriteTransaction {
    let mut transaction = database.begin_write().unwrap();
    transaction.set_durability(Durability::Immediate).unwrap();
    transaction
}

/// Returns the data of session `n`.
pub(crate) fn load(database: &Database, n: usize) -> Vec<u8> {
    let sessions = database.begin_read().unwrap().open_table(SESSIONS).unwrap();
    let bytes = sessions.get(&key(n)).unwrap().unwrap();
    bytes.value().get(DATA..).unwrap().to_vec()
}

fn record_bytes(revision: i64, record: &Record) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(DATA + record.data.len());
    bytes.extend([0; 4]);
    [revision, record.accessed_at, record.expires_at].iter().for_each(|n| bytes.extend(n.to_le_bytes()));
    bytes.push(0);
    bytes.extend(&record.data);
    bytes
}

fn number(bytes: &[u8], offset: usize) -> i64 {
    i64::from_le_bytes(*bytes.get(offset..).and_then(|rest| rest.first_chunk()).unwrap())
}

fn place<const N: usize>(start: usize, at: i64, key: &[u8; 16]) -> [u8; N] {
    let mut place = [0; N];
    let bytes = at.to_be_bytes().into_iter().chain(*key);
    place.iter_mut().skip(start).zip(bytes).for_each(|(to, from)| *to = from);
    place
}
