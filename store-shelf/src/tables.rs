//! The tables in a transaction that writes, kept in agreement with each other.

use redb::{ReadableTable, ReadableTableMetadata, Table, TableError, WriteTransaction};
use session_core::{Key, Record, Result, Revision, Stored, Timestamp};

use crate::{
    fault::failed_to,
    format::{self, Head},
    schema::{self, ACCESS, EXPIRY, OWNERS, SESSIONS},
};

const WRITE: &str = "write to its file";
const READ: &str = "read its file";

/// The tables, in one transaction.
pub(crate) struct Tables<'t> {
    sessions: Table<'t, &'static [u8; 16], &'static [u8]>,
    expiry: Table<'t, &'static [u8; 24], ()>,
    access: Table<'t, &'static [u8; 25], ()>,
    owners: Table<'t, &'static [u8], ()>,
    changed: bool,
    /// Live sessions that had to make room, to be told of when that is committed.
    evicted: Vec<Key>,
    /// How many expired sessions this transaction may still delete.
    pub(crate) sweep_room: usize,
}

impl<'t> Tables<'t> {
    pub(crate) fn open(transaction: &'t WriteTransaction, sweep_room: usize) -> Result<Self, TableError> {
        Ok(Self {
            sessions: transaction.open_table(SESSIONS)?,
            expiry: transaction.open_table(EXPIRY)?,
            access: transaction.open_table(ACCESS)?,
            owners: transaction.open_table(OWNERS)?,
            changed: false,
            evicted: Vec::new(),
            sweep_room,
        })
    }

    /// Returns whether there is anything to commit.
    pub(crate) fn is_changed(&self) -> bool {
        self.changed
    }

    /// Returns the sessions that had to make room.
    pub(crate) fn into_evicted(self) -> Vec<Key> {
        self.evicted
    }

    /// Returns how many sessions there are, dead ones included.
    pub(crate) fn len(&self) -> Result<u64> {
        self.sessions.len().map_err(failed_to(READ))
    }

    /// Returns what the record of `key` says but its data, live or dead.
    pub(crate) fn head(&self, key: &Key) -> Result<Option<Head>> {
        let found = self.sessions.get(key.as_bytes()).map_err(failed_to(READ))?;
        found.map(|bytes| format::decode_head(key, bytes.value())).transpose()
    }

    /// Returns the record of `key`, live or dead.
    pub(crate) fn stored(&self, key: &Key) -> Result<Option<Stored>> {
        let found = self.sessions.get(key.as_bytes()).map_err(failed_to(READ))?;
        found.map(|bytes| format::decode(key, bytes.value())).transpose()
    }

    /// Returns the first place in the order of expiry.
    pub(crate) fn first_to_expire(&self) -> Result<Option<[u8; 24]>> {
        let first = self.expiry.first().map_err(failed_to(READ))?;
        Ok(first.map(|(place, _)| *place.value()))
    }

    /// Returns the first place in the order of eviction.
    pub(crate) fn first_to_evict(&self) -> Result<Option<[u8; 25]>> {
        let first = self.access.first().map_err(failed_to(READ))?;
        Ok(first.map(|(place, _)| *place.value()))
    }

    /// Writes the record of `key`, where `old` is what was there.
    pub(crate) fn put(
        &mut self,
        key: &Key,
        record: &Record,
        revision: Revision,
        old: Option<&Head>,
    ) -> Result<()> {
        let bytes = format::encode(key, record, revision)?;
        self.changed = true;
        self.order(key, old, Some(&Head::of(record, revision))).map_err(failed_to(WRITE))?;
        self.sessions.insert(key.as_bytes(), bytes.as_slice()).map_err(failed_to(WRITE))?;
        Ok(())
    }

    /// Removes whatever is under `key`, and returns whether there was anything.
    pub(crate) fn remove(&mut self, key: &Key) -> Result<bool> {
        let head = self.head(key);
        let was_there = self.sessions.remove(key.as_bytes()).map_err(failed_to(WRITE))?.is_some();
        self.changed |= was_there;
        match head {
            Ok(head) => self.order(key, head.as_ref(), None).map_err(failed_to(WRITE))?,
            // What it said is lost, so its places have to be looked for.
            Err(_) => self.forget(key).map_err(failed_to(WRITE))?,
        }
        Ok(was_there)
    }

    /// Removes the session at this place in the order of expiry if it is dead, the place in any case, and returns whether
    /// there was a session to remove.
    pub(crate) fn expire(&mut self, place: &[u8; 24], now: Timestamp) -> Result<bool> {
        let key = schema::key_at(place);
        let is_live = self.head(&key).is_ok_and(|head| head.is_some_and(|head| now < head.expires_at));
        let removed = !is_live && self.remove(&key)?;
        // It is gone with its session, unless the file was damaged; and then it must not be the first for ever.
        self.changed |= self.expiry.remove(place).map_err(failed_to(WRITE))?.is_some();
        Ok(removed)
    }

    /// Removes the session at this place in the order of eviction, and the place.
    pub(crate) fn evict(&mut self, place: &[u8; 25]) -> Result<()> {
        let key = schema::key_at(place);
        if self.remove(&key)? {
            self.evicted.push(key);
        }
        self.changed |= self.access.remove(place).map_err(failed_to(WRITE))?.is_some();
        Ok(())
    }

    /// Removes all places of a session whose record does not tell them any more.
    fn forget(&mut self, key: &Key) -> Result<(), redb::Error> {
        self.changed = true;
        let is_other = |place: &[u8]| !place.ends_with(key.as_bytes());
        self.expiry.retain(|place, ()| is_other(place))?;
        self.access.retain(|place, ()| is_other(place))?;
        self.owners.retain(|place, ()| is_other(place))?;
        Ok(())
    }

    /// Moves a session in all orders from where `old` stood to where `new` stands.
    fn order(&mut self, key: &Key, old: Option<&Head>, new: Option<&Head>) -> Result<(), redb::Error> {
        if let (old, new) = (old.map(|head| expiry(head, key)), new.map(|head| expiry(head, key)))
            && old != new
        {
            old.map(|place| self.expiry.remove(&place).map(drop)).transpose()?;
            new.map(|place| self.expiry.insert(&place, ()).map(drop)).transpose()?;
        }
        if let (old, new) = (old.map(|head| access(head, key)), new.map(|head| access(head, key)))
            && old != new
        {
            old.map(|place| self.access.remove(&place).map(drop)).transpose()?;
            new.map(|place| self.access.insert(&place, ()).map(drop)).transpose()?;
        }
        if let (old, new) =
            (old.and_then(|head| ownership(head, key)), new.and_then(|head| ownership(head, key)))
            && old != new
        {
            old.map(|place| self.owners.remove(place.as_slice()).map(drop)).transpose()?;
            new.map(|place| self.owners.insert(place.as_slice(), ()).map(drop)).transpose()?;
        }
        Ok(())
    }
}

fn expiry(head: &Head, key: &Key) -> [u8; 24] {
    schema::expiry(head.expires_at, key)
}

fn access(head: &Head, key: &Key) -> [u8; 25] {
    schema::access(head.owner.is_some(), head.accessed_at, key)
}

fn ownership(head: &Head, key: &Key) -> Option<Vec<u8>> {
    head.owner.as_ref().map(|owner| schema::ownership(owner, key))
}
