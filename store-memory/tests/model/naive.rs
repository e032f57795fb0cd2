//! The rules of a store, written down as plainly as they can be.

use std::collections::BTreeMap;

use session_core::{Error, Key, Owner, Record, Result, Revision, Stored, Timestamp};

/// A store that looks at every session for every question.
#[derive(Debug)]
pub(crate) struct Naive {
    pub(crate) sessions: BTreeMap<Key, Session>,
    pub(crate) cap: Option<usize>,
}

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) stored: Stored,
    pub(crate) objects: BTreeMap<String, u32>,
}

impl Session {
    fn is_live(&self, now: Timestamp) -> bool {
        now < self.stored.record.expires_at
    }
}

impl Naive {
    pub(crate) fn live(&self, key: &Key, now: Timestamp) -> Option<&Session> {
        self.sessions.get(key).filter(|session| session.is_live(now))
    }

    pub(crate) fn live_mut(&mut self, key: &Key, now: Timestamp) -> Option<&mut Session> {
        self.sessions.get_mut(key).filter(|session| session.is_live(now))
    }

    /// Creates a session; its revision is the one the store drew.
    pub(crate) fn create(
        &mut self,
        key: Key,
        record: &Record,
        drawn: Option<Revision>,
        now: Timestamp,
    ) -> Result<()> {
        if self.sessions.contains_key(&key) {
            return Err(Error::Exists);
        }
        if self.cap.is_some_and(|cap| self.sessions.len() == cap) {
            let evicted =
                *self.sessions.iter().min_by_key(|(key, session)| rank(key, session, now)).unwrap().0;
            self.sessions.remove(&evicted);
        }
        let stored = Stored {
            record: record.clone(),
            revision: drawn.expect("the store creates what the model does"),
        };
        self.sessions.insert(key, Session { stored, objects: BTreeMap::new() });
        Ok(())
    }

    pub(crate) fn change(
        &mut self,
        key: &Key,
        expect: Revision,
        now: Timestamp,
        change: impl FnOnce(&mut Record),
    ) -> Result<Revision> {
        let session = self.live_mut(key, now).ok_or(Error::Missing)?;
        if session.stored.revision != expect {
            return Err(Error::Conflict);
        }
        session.stored.revision = Revision::from_i64(expect.as_i64() + 1).unwrap();
        change(&mut session.stored.record);
        Ok(session.stored.revision)
    }

    pub(crate) fn dead(&self, now: Timestamp) -> Vec<Key> {
        self.sessions.iter().filter(|(_, session)| !session.is_live(now)).map(|(key, _)| *key).collect()
    }

    pub(crate) fn page(&self, after: Option<&Key>, limit: usize, now: Timestamp) -> Vec<(Key, Stored)> {
        let later = self.sessions.iter().filter(|(key, _)| after.is_none_or(|after| *key > after));
        let live = later.filter(|(_, session)| session.is_live(now));
        live.take(limit).map(|(key, session)| (*key, session.stored.clone())).collect()
    }

    pub(crate) fn owned_by(&self, owner: &Owner, now: Timestamp) -> Vec<(Key, Stored)> {
        let all = self.page(None, usize::MAX, now).into_iter();
        all.filter(|(_, stored)| stored.record.owner.as_ref() == Some(owner)).collect()
    }
}

/// Who makes room first: the dead by expiry, the unowned by access, the owned by access.
fn rank(key: &Key, session: &Session, now: Timestamp) -> (u8, Timestamp, Key) {
    let record = &session.stored.record;
    match (session.is_live(now), &record.owner) {
        (false, _) => (0, record.expires_at, *key),
        (true, None) => (1, record.accessed_at, *key),
        (true, Some(_)) => (2, record.accessed_at, *key),
    }
}
