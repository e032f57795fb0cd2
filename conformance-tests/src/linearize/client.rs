//! Someone who makes random calls.

use std::{collections::BTreeMap, time::Duration};

use session_core::{Expect, Key, Record, Result, Revision, Timestamp};

use crate::{fixture::owner, linearize::Recorder, rng::Rng};

/// Which calls a client makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mix {
    /// Loads, saves, touches and deletes of sessions that live throughout.
    LongLived,
    /// The same on sessions that are dead for some of the clients' clocks, and sweeps.
    ShortLived,
}

/// Someone who makes random calls, as an application might: mostly at the revision that was seen last.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) recorder: Recorder,
    pub(crate) rng: Rng,
    mix: Mix,
    keys: Vec<Key>,
    start: Timestamp,
    name: usize,
    made: usize,
    seen: BTreeMap<Key, Revision>,
}

impl Client {
    pub(crate) fn new(
        recorder: &Recorder,
        (rng, name): (&Rng, usize),
        mix: Mix,
        keys: &[Key],
        start: Timestamp,
    ) -> Self {
        let mut rng = rng.clone();
        let rng = Rng::of(rng.number(), &format!("client {name}"));
        let keys = keys.to_vec();
        Self { recorder: recorder.clone(), rng, mix, keys, start, name, made: 0, seen: BTreeMap::new() }
    }

    /// Makes so many calls. What they answer is written down, and a failure among them is not the end.
    pub(crate) async fn work(&mut self, calls: usize) {
        for _ in 0..calls {
            let _ = self.call().await;
        }
    }

    /// Makes one call.
    pub(crate) async fn call(&mut self) -> Result<()> {
        let index = self.rng.index(self.keys.len());
        let Some(key) = self.keys.get(index).copied() else { return Ok(()) };
        let now = self.now();
        let revision = self.seen.get(&key).copied();
        match (self.rng.below(16), revision) {
            (0, _) => self.recorder.delete(&key).await,
            (1..=2, _) => self.save(&key, Expect::Absent, now).await,
            (3..=6, Some(revision)) => self.save(&key, Expect::Revision(revision), now).await,
            (7..=8, Some(revision)) => self.touch(&key, revision, now).await,
            (9, _) if self.mix == Mix::ShortLived => self.recorder.sweep(&self.keys, now).await.map(drop),
            (10..=11, _) => self.load_and_save(&key, now).await,
            _ => self.load(&key, now).await,
        }
    }

    async fn load(&mut self, key: &Key, now: Timestamp) -> Result<()> {
        let found = self.recorder.load(key, now).await?;
        if let Some(stored) = found {
            self.seen.insert(*key, stored.revision);
        }
        Ok(())
    }

    async fn load_and_save(&mut self, key: &Key, now: Timestamp) -> Result<()> {
        self.load(key, now).await?;
        let expect = self.seen.get(key).copied().map_or(Expect::Absent, Expect::Revision);
        self.save(key, expect, now).await
    }

    async fn save(&mut self, key: &Key, expect: Expect, now: Timestamp) -> Result<()> {
        let record = self.record();
        let revision = self.recorder.save(key, &record, expect, now).await?;
        self.seen.insert(*key, revision);
        Ok(())
    }

    async fn touch(&mut self, key: &Key, expect: Revision, now: Timestamp) -> Result<()> {
        let times = (self.now(), self.expires_at());
        let revision = self.recorder.touch(key, expect, times, now).await?;
        self.seen.insert(*key, revision);
        Ok(())
    }

    /// Returns a record that no other call writes.
    fn record(&mut self) -> Record {
        self.made += 1;
        let mut data = format!("{} of {};", self.made, self.name).into_bytes();
        let filler = self.rng.index(80);
        data.extend(self.rng.bytes(filler));
        let owner = if self.rng.below(2) == 0 { owner("ada") } else { None };
        Record { data: data.into(), accessed_at: self.now(), expires_at: self.expires_at(), owner }
    }

    /// Returns the time by this call's clock: the clocks of callers differ by some milliseconds.
    fn now(&mut self) -> Timestamp {
        self.start + Duration::from_millis(self.rng.below(5))
    }

    fn expires_at(&mut self) -> Timestamp {
        match self.mix {
            Mix::ShortLived if self.rng.below(2) == 0 => {
                self.start + Duration::from_millis(self.rng.below(7))
            }
            _ => self.start + Duration::from_secs(3_600 + self.rng.below(1_000)),
        }
    }
}
