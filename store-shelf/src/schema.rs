//! What is in the file: five tables of redb.
//!
//! | table | key | value |
//! |---|---|---|
//! | `store-shelf` | `version` | the version of all this: 1 |
//! | `sessions` | the 16 bytes of the key | the record, see `format.rs` |
//! | `expiry` | when it expires, the key | |
//! | `access` | 1 with an owner and 0 without, when it was last used, the key | |
//! | `owners` | the length of the owner, the owner, the key | |
//!
//! Times are big-endian in the orders, so that bytes sort as they do.

use redb::{Database, ReadableDatabase, TableDefinition, TableError, WriteTransaction};
use session_core::{Error, Key, Owner, Result, Timestamp};

use crate::fault::{self, Refusal, failed_to, not_opened};

pub(crate) const SESSIONS: TableDefinition<'_, &[u8; 16], &[u8]> = TableDefinition::new("sessions");
pub(crate) const EXPIRY: TableDefinition<'_, &[u8; 24], ()> = TableDefinition::new("expiry");
pub(crate) const ACCESS: TableDefinition<'_, &[u8; 25], ()> = TableDefinition::new("access");
pub(crate) const OWNERS: TableDefinition<'_, &[u8], ()> = TableDefinition::new("owners");

const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("store-shelf");
const VERSION: u64 = 1;

/// Makes the tables in a new file.
pub(crate) fn create(database: &Database) -> Result<()> {
    let action = "make its tables";
    let transaction = database.begin_write().map_err(failed_to(action))?;
    open_all(&transaction).map_err(failed_to(action))?;
    transaction.commit().map_err(failed_to(action))
}

fn open_all(transaction: &WriteTransaction) -> Result<(), redb::Error> {
    transaction.open_table(SESSIONS)?;
    transaction.open_table(EXPIRY)?;
    transaction.open_table(ACCESS)?;
    transaction.open_table(OWNERS)?;
    transaction.open_table(ABOUT)?.insert("version", VERSION)?;
    Ok(())
}

/// Refuses a file of another program or of a newer version.
pub(crate) fn check(database: &Database) -> Result<()> {
    let transaction = database.begin_read().map_err(not_opened)?;
    let about = transaction.open_table(ABOUT).map_err(foreign)?;
    match about.get("version").map_err(not_opened)?.map(|version| version.value()) {
        Some(VERSION) => {}
        Some(newer) if newer > VERSION => return Err(fault::not_applied("open its file", Refusal::Newer)),
        _ => return Err(fault::not_applied("open its file", Refusal::Foreign)),
    }
    transaction.open_table(SESSIONS).map_err(foreign)?;
    transaction.open_table(EXPIRY).map_err(foreign)?;
    transaction.open_table(ACCESS).map_err(foreign)?;
    transaction.open_table(OWNERS).map_err(foreign)?;
    Ok(())
}

fn foreign(error: TableError) -> Error {
    match error {
        TableError::Storage(error) => not_opened(error),
        _ => fault::not_applied("open its file", Refusal::Foreign),
    }
}

/// Returns the place of a session in the order of expiry.
pub(crate) fn expiry(at: Timestamp, key: &Key) -> [u8; 24] {
    let mut place = [0; 24];
    place[..8].copy_from_slice(&at.as_millis().to_be_bytes());
    place[8..].copy_from_slice(key.as_bytes());
    place
}

/// Returns the place of a session in the order of eviction.
pub(crate) fn access(owned: bool, at: Timestamp, key: &Key) -> [u8; 25] {
    let mut place = [0; 25];
    place[0] = owned.into();
    place[1..].copy_from_slice(&expiry(at, key));
    place
}

/// Returns the place of a session among those of its owner.
pub(crate) fn ownership(owner: &Owner, key: &Key) -> Vec<u8> {
    let name = owner.as_str().as_bytes();
    let length = u8::try_from(name.len()).expect("an owner has at most 255 bytes");
    [&[length], name, key.as_bytes()].concat()
}

/// Returns whose place in an order this is: its last 16 bytes.
pub(crate) fn key_at<const N: usize>(place: &[u8; N]) -> Key {
    key_of(place).expect("the places of all orders are longer than a key")
}

/// Returns whose place in an order of places of any length this is.
pub(crate) fn key_of(place: &[u8]) -> Option<Key> {
    place.last_chunk().map(|bytes| Key::from_bytes(*bytes))
}

/// Returns whether the session at this place in the order of expiry is dead.
pub(crate) fn is_dead(place: &[u8; 24], now: Timestamp) -> bool {
    *place <= expiry(now, &Key::from_bytes([0xff; 16]))
}
