//! One of our stores, by itself.
//!
//! A session's data is its values in MessagePack. Where the peer's store turns values into bytes and back (files and
//! databases), ours is made to do so as well: values go in, and values come out. Where the peer's store keeps the
//! values as they are (memory), ours keeps the bytes as they are.

use std::{
    collections::{BTreeMap, HashMap},
    hint::black_box,
    mem,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use bytes::BytesMut;
use harness::{Loads, Saves, Subject, Values};
use serde_json::Value;
use session_core::{Clock, Expect, Key, Record, Revision, Store, SystemClock, Timestamp};

use crate::keys::key;

/// A store of ours, and what is known of its sessions.
pub(crate) struct Ours<S, const BATCH: usize, const DECODES: bool> {
    store: S,
    places: Vec<Place>,
}

/// A store that keeps bytes as they are, in memory.
pub(crate) type InMemory<S> = Ours<S, 16, false>;

/// A store that keeps bytes as they are, on a disk.
pub(crate) type OnDisk<S> = Ours<S, 1, false>;

/// A store that values are written for and read from.
pub(crate) type Durable<S> = Ours<S, 1, true>;

struct Place {
    key: Key,
    /// What the next write must expect.
    revision: AtomicI64,
}

/// Values as an application has them, and a record with the same in MessagePack.
///
/// The record stays with the task, which changes it in place for each save, as the peer's does.
pub(crate) struct Hand {
    values: BTreeMap<String, Value>,
    record: Record,
    /// Where in the data the text is that changes.
    change_at: usize,
}

const HOUR: Duration = Duration::from_secs(3_600);

impl<S, const BATCH: usize, const DECODES: bool> Ours<S, BATCH, DECODES> {
    pub(crate) fn new(store: S, places: usize) -> Self {
        let place = |place| Place { key: key(place), revision: AtomicI64::new(0) };
        Self { store, places: (0..places).map(place).collect() }
    }
}

impl<S: Store, const BATCH: usize, const DECODES: bool> Saves for Ours<S, BATCH, DECODES> {
    const BATCH: usize = BATCH;
    type Hand = Hand;

    fn hand(&self, values: &Values) -> Hand {
        let values: BTreeMap<_, Value> =
            values.pairs.iter().map(|(name, text)| (name.clone(), text.clone().into())).collect();
        let data = rmp_serde::to_vec(&values).unwrap();
        let text = Values::change(0);
        let change_at = data.windows(text.len()).position(|part| part == text.as_bytes()).unwrap();
        let now = SystemClock.now();
        let record = Record { data: data.into(), accessed_at: now, expires_at: now, owner: None };
        Hand { values, record, change_at }
    }

    async fn create(&self, hand: &mut Hand, place: usize) {
        let Place { key, revision } = &self.places[place];
        let record = hand.record::<DECODES>(place as u64, 0);
        let created = self.store.save(key, record, Expect::Absent, SystemClock.now()).await.unwrap();
        revision.store(created.as_i64(), Ordering::Relaxed);
    }

    async fn save(&self, hand: &mut Hand, place: usize, change: u64) {
        let Place { key, revision } = &self.places[place];
        let expect = Revision::from_i64(revision.load(Ordering::Relaxed)).unwrap();
        let record = hand.record::<DECODES>(change, change);
        let saved = self.store.save(key, record, Expect::Revision(expect), SystemClock.now()).await.unwrap();
        revision.store(saved.as_i64(), Ordering::Relaxed);
    }
}

impl<S: Store, const BATCH: usize, const DECODES: bool> Loads for Ours<S, BATCH, DECODES> {
    async fn load(&self, place: usize) {
        let stored = self.store.load(&self.places[place].key, SystemClock.now()).await.unwrap().unwrap();
        if DECODES {
            let values: HashMap<String, Value> = rmp_serde::from_slice(&stored.record.data).unwrap();
            black_box(values);
        }
        black_box(stored);
    }
}

impl<S: Store, const BATCH: usize, const DECODES: bool> Subject for Ours<S, BATCH, DECODES> {
    async fn touch(&self, _: &mut Hand, place: usize, change: u64) {
        let Place { key, revision } = &self.places[place];
        let (expect, now) =
            (Revision::from_i64(revision.load(Ordering::Relaxed)).unwrap(), SystemClock.now());
        let touched = self.store.touch(key, expect, now, expiry(now, change), now).await.unwrap();
        revision.store(touched.as_i64(), Ordering::Relaxed);
    }

    async fn delete(&self, place: usize) {
        self.store.delete(&self.places[place].key).await.unwrap();
    }
}

impl Hand {
    /// Returns the record when its values say `change`.
    fn record<const DECODES: bool>(&mut self, change: u64, later: u64) -> &Record {
        let text = Values::change(change);
        if DECODES {
            self.values.insert(Values::CHANGE.into(), text.into());
            self.record.data = rmp_serde::to_vec(&self.values).unwrap().into();
        } else {
            // The store has kept no share in the data, so nothing is copied here.
            let mut data = BytesMut::from(mem::take(&mut self.record.data));
            data[self.change_at..][..text.len()].copy_from_slice(text.as_bytes());
            self.record.data = data.freeze();
        }
        let now = SystemClock.now();
        (self.record.accessed_at, self.record.expires_at) = (now, expiry(now, later));
        &self.record
    }
}

/// Returns a time that is not the same for each write, as in life.
fn expiry(now: Timestamp, change: u64) -> Timestamp {
    now + HOUR + Duration::from_millis(change % 1_000)
}
