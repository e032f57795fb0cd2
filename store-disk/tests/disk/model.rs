//! Random calls, clock steps and re-openings against a model.

use std::{collections::BTreeMap, time::Duration};

use proptest::{prelude::*, test_runner::Config};
use session_core::{Error, Expect, Key, Owner, Record, Revision, Store, Stored, Timestamp};
use store_disk::DiskStore;

use crate::common::{Place, at, key_in};

#[derive(Clone, Debug)]
enum Step {
    Save { key: Key, stale: bool, create: bool, life: u64, owner: bool, size: usize },
    Touch { key: Key, stale: bool, life: u64 },
    Delete { key: Key },
    Sweep { limit: usize },
    Wait { millis: u64 },
    Reopen,
}

fn keys() -> impl Strategy<Value = Key> {
    (0..3_u8, 0..2_u64).prop_map(|(folder, n)| key_in(folder, n))
}

fn steps() -> impl Strategy<Value = Step> {
    let save = (keys(), prop::bool::weighted(0.2), any::<bool>(), 0..50_u64, any::<bool>(), 0..20_000_usize);
    prop_oneof![
        6 => save.prop_map(|(key, stale, create, life, owner, size)| {
            Step::Save { key, stale, create, life, owner, size }
        }),
        3 => (keys(), prop::bool::weighted(0.2), 0..50_u64)
            .prop_map(|(key, stale, life)| Step::Touch { key, stale, life }),
        2 => keys().prop_map(|key| Step::Delete { key }),
        2 => (0..4_usize).prop_map(|limit| Step::Sweep { limit }),
        2 => (0..30_u64).prop_map(|millis| Step::Wait { millis }),
        1 => Just(Step::Reopen),
    ]
}

/// What must be in the folder, dead ones included.
struct Model {
    sessions: BTreeMap<Key, Stored>,
    now: Timestamp,
}

impl Model {
    fn expectation(&self, key: &Key, stale: bool) -> Revision {
        let revision =
            self.sessions.get(key).map_or(Revision::from_i64(5).unwrap(), |stored| stored.revision);
        if stale { Revision::from_i64(revision.as_i64() / 2).unwrap() } else { revision }
    }

    fn judge(&self, key: &Key, expect: Expect, written: &Result<Revision, Error>) {
        let found = self.sessions.get(key).filter(|stored| expect.counts(stored.record.expires_at, self.now));
        let fresh = written.as_ref().map_or(Revision::from_i64(0).unwrap(), |revision| *revision);
        let judged = expect.judge(found.map(|stored| stored.revision), fresh);
        assert_eq!(format!("{written:?}"), format!("{judged:?}"));
    }

    fn live(&self) -> Vec<(Key, Stored)> {
        let live = self.sessions.iter().filter(|(_, stored)| stored.record.is_live(self.now));
        live.map(|(key, stored)| (*key, stored.clone())).collect()
    }
}

async fn take(step: &Step, place: &Place, store: &mut DiskStore, model: &mut Model) {
    let now = model.now;
    match step.clone() {
        Step::Save { key, stale, create, life, owner, size } => {
            let owner = owner.then(|| Owner::new("ann").unwrap());
            let expires_at = now + Duration::from_millis(life);
            let record = Record { data: vec![7; size].into(), accessed_at: now, expires_at, owner };
            let expect =
                if create { Expect::Absent } else { Expect::Revision(model.expectation(&key, stale)) };
            let written = store.save(&key, &record, expect, now).await;
            model.judge(&key, expect, &written);
            if let Ok(revision) = written {
                model.sessions.insert(key, Stored { record, revision });
            }
        }
        Step::Touch { key, stale, life } => {
            let (expect, expires_at) = (model.expectation(&key, stale), now + Duration::from_millis(life));
            let written = store.touch(&key, expect, now, expires_at, now).await;
            model.judge(&key, Expect::Revision(expect), &written);
            if let Ok(revision) = written {
                let stored = model.sessions.get_mut(&key).unwrap();
                stored.revision = revision;
                (stored.record.accessed_at, stored.record.expires_at) = (now, expires_at);
            }
        }
        Step::Delete { key } => {
            store.delete(&key).await.unwrap();
            model.sessions.remove(&key);
        }
        Step::Sweep { limit } => sweep(limit, place, store, model).await,
        Step::Wait { millis } => model.now = now + Duration::from_millis(millis),
        Step::Reopen => *store = place.open(),
    }
}

/// Which of the dead a sweep takes is its own choice; how many is not.
async fn sweep(limit: usize, place: &Place, store: &DiskStore, model: &mut Model) {
    let swept = store.delete_expired(model.now, limit).await.unwrap();
    let dead = model.sessions.values().filter(|stored| !stored.record.is_live(model.now)).count();
    assert_eq!(swept, dead.min(limit));
    let now = model.now;
    model.sessions.retain(|key, stored| stored.record.is_live(now) || place.file(key).exists());
    assert_eq!(model.sessions.len() - model.live().len(), dead - swept);
}

async fn agrees(store: &DiskStore, model: &Model) {
    let (directory, live) = (store.directory().unwrap(), model.live());
    assert_eq!(directory.page(None, 100, model.now).await.unwrap(), live);
    assert_eq!(directory.count(model.now).await.unwrap(), live.len() as u64);
    let ann = Owner::new("ann").unwrap();
    let owned: Vec<_> =
        live.iter().filter(|(_, stored)| stored.record.owner.as_ref() == Some(&ann)).cloned().collect();
    assert_eq!(directory.owned_by(&ann, model.now).await.unwrap(), owned);
    for (key, stored) in &model.sessions {
        let live = stored.record.is_live(model.now).then(|| stored.clone());
        assert_eq!(store.load(key, model.now).await.unwrap(), live);
    }
}

proptest! {
    #![proptest_config(Config { cases: 64, failure_persistence: None, ..Config::default() })]

    #[test]
    fn a_folder_does_what_a_map_would(steps in prop::collection::vec(steps(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let place = Place::new();
            let mut store = place.open();
            let mut model = Model { sessions: BTreeMap::new(), now: at(1_000) };
            for step in &steps {
                take(step, &place, &mut store, &mut model).await;
            }
            agrees(&store, &model).await;
        });
    }
}
