//! The most sessions the folder may hold.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    rc::Rc,
};

use session_core::{Error, Key, Record, Result, Teller, Timestamp};

use crate::{
    claim::Claim,
    fault::{self, Refusal},
    folder::Folder,
    format::Head,
    layout::{self, Entry, Shard},
    read,
    root::Root,
};

/// How many folders that are in use by other processes are passed over in search of a session to evict.
const BUSY_MAX: usize = 16;

/// What decides when a session is evicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    owned: bool,
    accessed_at: Timestamp,
    expires_at: Timestamp,
}

impl Place {
    pub(crate) fn of(record: &Record) -> Self {
        let Record { accessed_at, expires_at, ref owner, .. } = *record;
        Self { owned: owner.is_some(), accessed_at, expires_at }
    }

    fn of_head(head: &Head) -> Self {
        Self { owned: head.owner.is_some(), accessed_at: head.accessed_at, expires_at: head.expires_at }
    }
}

/// The most sessions the folder may hold, and which one goes next.
#[derive(Debug)]
pub(crate) struct Cap {
    max: usize,
    places: BTreeMap<Key, Place>,
    by_expiry: BTreeSet<(Timestamp, Key)>,
    by_access: BTreeSet<(bool, Timestamp, Key)>,
    /// Live sessions that had to make room, until somebody is told.
    evicted: Vec<Key>,
    teller: Teller,
}

impl Cap {
    /// Counts what is in the folder now.
    pub(crate) fn open(root: &Root, max: usize) -> Result<Self> {
        let mut cap = Self {
            max: max.max(1),
            places: BTreeMap::new(),
            by_expiry: BTreeSet::new(),
            by_access: BTreeSet::new(),
            evicted: Vec::new(),
            teller: Teller::named("disk-tell"),
        };
        for shard in Shard::all() {
            if let Some(folder) = Folder::open(root, shard)? {
                cap.learn(&folder)?;
            }
        }
        Ok(cap)
    }

    /// Brings what is known of one folder up to date: other processes create and delete, too.
    ///
    /// Damaged records do not count, like in a listing.
    pub(crate) fn learn(&mut self, folder: &Folder) -> Result<()> {
        let mut vanished = self.in_folder(folder.shard());
        for (_, entry) in folder.list()? {
            let Entry::Record(key) = entry else { continue };
            if vanished.remove(&key) {
                continue;
            }
            match read::head(folder, &key) {
                Ok(Some(head)) => self.note(key, Place::of_head(&head)),
                Ok(None) | Err(Error::Corrupt(_) | Error::Backend { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        vanished.iter().for_each(|key| self.forget(key));
        Ok(())
    }

    /// Evicts until `more` sessions fit, and returns whether they do: not when only they are left.
    pub(crate) fn make_room(
        &mut self,
        root: &Root,
        claims: &[Rc<Claim>],
        more: usize,
        now: Timestamp,
    ) -> Result<bool> {
        let mut busy = 0;
        while self.places.len() + more > self.max {
            let Some(key) = self.candidate(busy, now) else { break };
            if evict(root, claims, &key)? {
                self.evicted
                    .extend(self.places.get(&key).filter(|place| now < place.expires_at).map(|_| key));
                self.forget(&key);
            } else {
                busy += 1;
            }
        }
        if busy > 0 && self.places.len() + more > self.max {
            return Err(fault::not_applied("lock the folder of a session to evict", Refusal::Busy));
        }
        Ok(self.places.len() + more <= self.max)
    }

    /// Has it told who had to make room, and does not wait for whoever listens. Call it when they are gone.
    pub(crate) fn tell(&mut self) {
        self.teller.tell(mem::take(&mut self.evicted));
    }

    /// Notes that a session was written.
    pub(crate) fn note(&mut self, key: Key, place: Place) {
        self.forget(&key);
        self.places.insert(key, place);
        self.by_expiry.insert((place.expires_at, key));
        self.by_access.insert((place.owned, place.accessed_at, key));
    }

    /// Notes that a session is gone.
    pub(crate) fn forget(&mut self, key: &Key) {
        if let Some(place) = self.places.remove(key) {
            self.by_expiry.remove(&(place.expires_at, *key));
            self.by_access.remove(&(place.owned, place.accessed_at, *key));
        }
    }
}

impl Cap {
    fn in_folder(&self, shard: Shard) -> BTreeSet<Key> {
        let [first, last] = shard.keys();
        self.places.range(first..=last).map(|(key, _)| *key).collect()
    }

    /// Returns who is evicted next after `passed` others: the dead, then those without an owner, then the rest, and of
    /// each the one that expired or was used first.
    fn candidate(&self, passed: usize, now: Timestamp) -> Option<Key> {
        if passed > BUSY_MAX {
            return None;
        }
        let dead =
            self.by_expiry.iter().take_while(|(expires_at, _)| *expires_at <= now).map(|(_, key)| *key);
        let is_live = |key: &Key| self.places.get(key).is_some_and(|place| now < place.expires_at);
        let live = self.by_access.iter().map(|(_, _, key)| *key).filter(is_live);
        dead.chain(live).nth(passed)
    }
}

/// Deletes the record of `key`, and returns whether it is gone: not when its folder is locked by somebody else.
fn evict(root: &Root, claims: &[Rc<Claim>], key: &Key) -> Result<bool> {
    let (shard, record) = (Shard::of(key), layout::record(key));
    if let Some(claim) = claims.iter().find(|claim| claim.folder.shard() == shard) {
        return claim.folder.unlink(&record).map(|_| true);
    }
    let Some(folder) = Folder::open(root, shard)? else { return Ok(true) };
    match Claim::now(folder)? {
        Some(claim) => claim.folder.unlink(&record).map(|_| true),
        None => Ok(false),
    }
}
