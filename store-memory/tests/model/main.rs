//! Random calls give the same answers from the store and from a naive model of it.

#![cfg(test)]

mod naive;

use std::sync::Arc;

use pollster::block_on;
use proptest::{collection::vec, option, prelude::*};
use session_core::{Directory, Expect, Key, Objects, Owner, Record, Result, Revision, Store, Timestamp};
use store_memory::{MemoryOptions, MemoryStore};

use self::naive::Naive;

#[derive(Clone, Debug)]
enum Call {
    SetClock(Timestamp),
    Create(Key, Record),
    Save(Key, Guess, Record),
    Touch(Key, Guess, Timestamp, Timestamp),
    Delete(Key),
    DeleteExpired(usize),
    Page(Option<Key>, usize),
    OwnedBy(Owner),
    Put(Key, &'static str, u32),
    Remove(Key, &'static str),
}

/// Which revision a write names.
#[derive(Clone, Copy, Debug)]
enum Guess {
    Right,
    Old,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_answers_as_the_model(cap in option::of(1_usize..30), calls in vec(call(), 1..250)) {
        let options = cap.map_or_else(MemoryOptions::default, |cap| MemoryOptions::default().max_sessions(cap));
        let mut pair = Pair {
            store: MemoryStore::with_options(options),
            naive: Naive { sessions: [].into(), cap },
            now: Timestamp::from_millis(50),
        };
        for call in calls {
            pair.run(call);
            pair.compare();
        }
    }
}

/// The store and the model, which hear the same calls at the same time.
struct Pair {
    store: MemoryStore,
    naive: Naive,
    now: Timestamp,
}

impl Pair {
    fn run(&mut self, call: Call) {
        let now = self.now;
        match call {
            Call::SetClock(now) => self.now = now,
            Call::Create(key, record) => self.create(key, &record),
            Call::Save(key, guess, record) => {
                let expect = self.guess(&key, guess);
                let saved = block_on(self.store.save(&key, &record, Expect::Revision(expect), now));
                same(saved, self.naive.change(&key, expect, now, |kept| *kept = record));
            }
            Call::Touch(key, guess, accessed_at, expires_at) => {
                let expect = self.guess(&key, guess);
                let touched = block_on(self.store.touch(&key, expect, accessed_at, expires_at, now));
                let change =
                    |kept: &mut Record| (kept.accessed_at, kept.expires_at) = (accessed_at, expires_at);
                same(touched, self.naive.change(&key, expect, now, change));
            }
            Call::Delete(key) => {
                block_on(self.store.delete(&key)).unwrap();
                self.naive.sessions.remove(&key);
            }
            Call::DeleteExpired(limit) => self.delete_expired(limit),
            Call::Page(after, limit) => {
                let page = block_on(self.store.page(after.as_ref(), limit, now)).unwrap();
                assert_eq!(page, self.naive.page(after.as_ref(), limit, now));
            }
            Call::OwnedBy(owner) => {
                let owned = block_on(self.store.owned_by(&owner, now)).unwrap();
                assert_eq!(owned, self.naive.owned_by(&owner, now));
            }
            Call::Put(key, name, number) => {
                let put = self.store.put(&key, name, Arc::new(number), now).map(|old| old.map(number_of));
                let live = self.naive.live_mut(&key, now).ok_or(session_core::Error::Missing);
                same(put, live.map(|session| session.objects.insert(name.to_owned(), number)));
            }
            Call::Remove(key, name) => {
                let removed = self.store.remove(&key, name, now).map(number_of);
                assert_eq!(
                    removed,
                    self.naive.live_mut(&key, now).and_then(|session| session.objects.remove(name))
                );
            }
        }
    }

    fn create(&mut self, key: Key, record: &Record) {
        let created = block_on(self.store.save(&key, record, Expect::Absent, self.now));
        let drawn = created.as_ref().ok().copied();
        same(created.map(|_| ()), self.naive.create(key, record, drawn, self.now));
    }

    /// Any of the dead may be the ones that a limited sweep deletes, but only as many, and only of them.
    fn delete_expired(&mut self, limit: usize) {
        let dead = self.naive.dead(self.now);
        let deleted = block_on(self.store.delete_expired(self.now, limit)).unwrap();
        assert_eq!(deleted, dead.len().min(limit));
        let gone: Vec<_> = dead.iter().filter(|key| !self.is_there(key)).collect();
        assert_eq!(gone.len(), deleted);
        for key in gone {
            self.naive.sessions.remove(key);
        }
    }

    /// Compares all that is there, the dead too: at the epoch none of them is dead.
    fn compare(&self) {
        let all = block_on(self.store.page(None, usize::MAX, Timestamp::EPOCH)).unwrap();
        assert_eq!(all, self.naive.page(None, usize::MAX, Timestamp::EPOCH));
        let live = self.naive.page(None, usize::MAX, self.now).len();
        assert_eq!(block_on(self.store.count(self.now)).unwrap(), live as u64);
        for key in self.naive.sessions.keys() {
            let loaded = block_on(self.store.load(key, self.now)).unwrap();
            assert_eq!(loaded.as_ref(), self.naive.live(key, self.now).map(|session| &session.stored));
            for name in NAMES {
                let object = self.store.get(key, name, self.now).map(number_of);
                let expected = self.naive.live(key, self.now).and_then(|session| session.objects.get(name));
                assert_eq!(object, expected.copied());
            }
        }
    }

    fn is_there(&self, key: &Key) -> bool {
        block_on(self.store.load(key, Timestamp::EPOCH)).unwrap().is_some()
    }

    fn guess(&self, key: &Key, guess: Guess) -> Revision {
        let found = self.naive.sessions.get(key).map_or(7, |session| session.stored.revision.as_i64());
        match guess {
            Guess::Right => Revision::from_i64(found).unwrap(),
            Guess::Old => Revision::from_i64(found.saturating_sub(1).max(0)).unwrap(),
        }
    }
}

/// Checks that two answers are the same, errors by their messages.
fn same<T: std::fmt::Debug + PartialEq>(store: Result<T>, naive: Result<T>) {
    assert_eq!(store.map_err(|error| error.to_string()), naive.map_err(|error| error.to_string()));
}

fn number_of(object: session_core::Object) -> u32 {
    *object.downcast().unwrap()
}

const NAMES: [&str; 2] = ["socket", "channel"];

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        1 => time().prop_map(Call::SetClock),
        8 => (key(), record()).prop_map(|(key, record)| Call::Create(key, record)),
        4 => (key(), guess(), record()).prop_map(|(key, guess, record)| Call::Save(key, guess, record)),
        4 => (key(), guess(), time(), expiry()).prop_map(|(key, guess, at, until)| Call::Touch(key, guess, at, until)),
        2 => key().prop_map(Call::Delete),
        1 => (0_usize..8).prop_map(Call::DeleteExpired),
        1 => (option::of(key()), 0_usize..50).prop_map(|(after, limit)| Call::Page(after, limit)),
        1 => owner().prop_map(Call::OwnedBy),
        2 => (key(), name(), any::<u32>()).prop_map(|(key, name, number)| Call::Put(key, name, number)),
        1 => (key(), name()).prop_map(|(key, name)| Call::Remove(key, name)),
    ]
}

/// Sixty keys in three shards, so that slots, hash tables and heaps of one shard have many.
fn key() -> impl Strategy<Value = Key> {
    (prop_oneof![Just(0), Just(100), Just(255)], 0_u8..20).prop_map(|(first, last)| {
        let mut bytes = [0; Key::BYTES];
        (bytes[0], bytes[15]) = (first, last);
        Key::from_bytes(bytes)
    })
}

fn record() -> impl Strategy<Value = Record> {
    (vec(any::<u8>(), 0..4), time(), expiry(), option::of(owner())).prop_map(
        |(data, accessed_at, expires_at, owner)| Record { data: data.into(), accessed_at, expires_at, owner },
    )
}

fn time() -> impl Strategy<Value = Timestamp> {
    (0_i64..100).prop_map(Timestamp::from_millis)
}

fn expiry() -> impl Strategy<Value = Timestamp> {
    (1_i64..150).prop_map(Timestamp::from_millis)
}

fn owner() -> impl Strategy<Value = Owner> {
    prop_oneof![Just("ada"), Just("grace"), Just("a")].prop_map(|name| Owner::new(name).unwrap())
}

fn name() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(NAMES[0]), Just(NAMES[1])]
}

fn guess() -> impl Strategy<Value = Guess> {
    prop_oneof![4 => Just(Guess::Right), 1 => Just(Guess::Old)]
}
