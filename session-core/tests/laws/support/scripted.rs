//! A store in a map that fails as it is told.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use bytes::Bytes;
use session_core::{
    Directory, Error, Expect, Key, Owner, Record, Result, Revision, Store, Stored, Timestamp,
};

use super::Gate;

/// What the next save does instead of saving.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// It is an ordinary save after all.
    None,
    /// It fails, and nothing was written.
    NotApplied,
    /// It is written, and the answer is lost.
    UnknownLanded,
    /// It is lost, and so is the answer.
    UnknownLost,
    /// The answer is lost, and it lands right before the next call of the store, if it still fits.
    LandsLate,
    /// The answer is lost, and it lands right before the call of the store after the next one, if it still fits.
    LandsLater,
    /// It waits at the gate, and then it is lost, and so is the answer.
    WaitAndLose(Gate),
    /// It waits at the gate, and then fails, and nothing was written.
    WaitAndRefuse(Gate),
    /// It waits at the gate, and then saves.
    Wait(Gate),
    /// It saves, and then waits at the gate with the answer.
    WaitAfter(Gate),
    /// It finds another revision than the one expected.
    Conflict,
    /// It finds the key taken.
    Exists,
    /// It panics.
    Panic,
}

/// A store in a map that fails as it is told. A clone is a handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct ScriptedStore(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    sessions: BTreeMap<Key, Stored>,
    script: VecDeque<Fault>,
    failing_loads: usize,
    failing_touches: usize,
    failing_deletes: usize,
    /// Saves that land before a call of the store, and how many calls come before that one.
    late: Vec<(usize, Late)>,
    calls: Calls,
}

type Late = (Key, Record, Expect, Timestamp);

/// How often each verb was called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Calls {
    pub(crate) loads: usize,
    pub(crate) saves: usize,
    pub(crate) touches: usize,
    pub(crate) deletes: usize,
}

impl State {
    fn save(&mut self, key: Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        let found = self.sessions.get(&key).filter(|found| expect.counts(found.record.expires_at, now));
        let revision = expect.judge(found.map(|found| found.revision), Revision::first()?)?;
        self.sessions.insert(key, Stored { record: record.clone(), revision });
        Ok(revision)
    }

    fn live(&self, now: Timestamp) -> impl Iterator<Item = (Key, Stored)> {
        self.sessions
            .iter()
            .filter(move |(_, stored)| stored.record.is_live(now))
            .map(|(key, stored)| (*key, stored.clone()))
    }
}

impl ScriptedStore {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Begins a call: saves that were lost may land now.
    fn call(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        for (calls, (key, record, expect, now)) in std::mem::take(&mut state.late) {
            match calls.checked_sub(1) {
                Some(calls) => state.late.push((calls, (key, record, expect, now))),
                None => drop(state.save(key, &record, expect, now)),
            }
        }
        state
    }

    /// Lets the next saves fail one by one as told.
    pub(crate) fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state().script.extend(faults);
    }

    /// Lets the next `count` loads fail.
    pub(crate) fn fail_loads(&self, count: usize) {
        self.state().failing_loads = count;
    }

    /// Lets the next `count` touches fail.
    pub(crate) fn fail_touches(&self, count: usize) {
        self.state().failing_touches = count;
    }

    /// Lets the next `count` deletes fail.
    pub(crate) fn fail_deletes(&self, count: usize) {
        self.state().failing_deletes = count;
    }

    pub(crate) fn calls(&self) -> Calls {
        self.state().calls
    }

    pub(crate) fn keys(&self) -> Vec<Key> {
        self.state().sessions.keys().copied().collect()
    }

    pub(crate) fn stored(&self, key: Key) -> Option<Stored> {
        self.state().sessions.get(&key).cloned()
    }

    /// Damages the data of every session.
    pub(crate) fn damage(&self) {
        for stored in self.state().sessions.values_mut() {
            stored.record.data = Bytes::from_static(b"damaged");
        }
    }

    /// Takes a session out, as an eviction does.
    pub(crate) fn evict(&self, key: Key) {
        self.state().sessions.remove(&key);
    }
}

fn away(action: &'static str) -> Error {
    Error::backend("scripted", action, "the medium is away")
}

fn lost() -> Error {
    Error::unknown("scripted", "save", "the answer is lost")
}

#[async_trait]
impl Store for ScriptedStore {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let mut state = self.call();
        state.calls.loads += 1;
        if state.failing_loads > 0 {
            state.failing_loads -= 1;
            return Err(away("load"));
        }
        Ok(state.sessions.get(key).filter(|stored| stored.record.is_live(now)).cloned())
    }

    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        let fault = {
            let mut state = self.call();
            state.calls.saves += 1;
            state.script.pop_front().unwrap_or(Fault::None)
        };
        let save = || self.state().save(*key, record, expect, now);
        match fault {
            Fault::None => save(),
            Fault::NotApplied => Err(away("save")),
            Fault::UnknownLanded => save().and(Err(lost())),
            Fault::UnknownLost => Err(lost()),
            Fault::LandsLate | Fault::LandsLater => {
                let calls = usize::from(matches!(fault, Fault::LandsLater));
                self.state().late.push((calls, (*key, record.clone(), expect, now)));
                Err(lost())
            }
            Fault::Wait(gate) => {
                gate.pass().await;
                save()
            }
            Fault::WaitAndRefuse(gate) => {
                gate.pass().await;
                Err(away("save"))
            }
            Fault::WaitAndLose(gate) => {
                gate.pass().await;
                Err(lost())
            }
            Fault::WaitAfter(gate) => {
                let saved = save();
                gate.pass().await;
                saved
            }
            Fault::Conflict => Err(Error::Conflict),
            Fault::Exists => Err(Error::Exists),
            Fault::Panic => panic!("the store panics"),
        }
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        let mut state = self.call();
        state.calls.touches += 1;
        if state.failing_touches > 0 {
            state.failing_touches -= 1;
            return Err(away("touch"));
        }
        let found = state.sessions.get(key).filter(|found| found.record.is_live(now)).cloned();
        let Some(found) = found else { return Err(Error::Missing) };
        let record = Record { accessed_at, expires_at, ..found.record };
        state.save(*key, &record, Expect::Revision(expect), now)
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        let mut state = self.call();
        state.calls.deletes += 1;
        if state.failing_deletes > 0 {
            state.failing_deletes -= 1;
            return Err(away("delete"));
        }
        state.sessions.remove(key);
        Ok(())
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        let mut state = self.call();
        let dead: Vec<Key> = state
            .sessions
            .iter()
            .filter(|(_, stored)| !stored.record.is_live(now))
            .map(|(key, _)| *key)
            .take(limit)
            .collect();
        dead.iter().for_each(|key| drop(state.sessions.remove(key)));
        Ok(dead.len())
    }

    fn directory(&self) -> Option<&dyn Directory> {
        Some(self)
    }
}

#[async_trait]
impl Directory for ScriptedStore {
    async fn page(&self, after: Option<&Key>, limit: usize, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let later = |key: &Key| after.is_none_or(|after| key > after);
        Ok(self.state().live(now).filter(|(key, _)| later(key)).take(limit).collect())
    }

    async fn owned_by(&self, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        Ok(self.state().live(now).filter(|(_, stored)| stored.record.owner.as_ref() == Some(owner)).collect())
    }

    async fn count(&self, now: Timestamp) -> Result<u64> {
        Ok(self.state().live(now).count() as u64)
    }
}
