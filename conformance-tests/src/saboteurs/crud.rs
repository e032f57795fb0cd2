//! Flaws that one caller sees.

pub(super) mod twins;

use std::sync::PoisonError;

use async_trait::async_trait;
use bytes::Bytes;
use session_core::{Error, Expect, Key, Object, Record, Result, Revision, Stored, Timestamp};

use super::{Flaw, Put, Save, World, saboteurs};

saboteurs! {
    found_without_looking FoundWithoutLooking caught by "CRUD-001": "An absent session is an empty one.";
    owner_dropped OwnerDropped caught by "CRUD-002": "A save forgets the owner.";
    accessed_at_is_now AccessedAtIsNow caught by "CRUD-002": "A save keeps the time of the call as the time of access.";
    read_once ReadOnce caught by "CRUD-002": "A session is there for one load only.";
    data_merged DataMerged caught by "CRUD-003": "A shorter record leaves the tail of a longer one.";
    owner_is_set_once OwnerIsSetOnce caught by "CRUD-003": "A save does not change the owner.";
    delete_does_nothing DeleteDoesNothing caught by "CRUD-004": "A delete answers Ok and deletes nothing.";
    delete_by_first_half DeleteByFirstHalf caught by "CRUD-004": "A delete looks at the first half of a key only.";
    delete_of_nothing_fails DeleteOfNothingFails caught by "CRUD-005": "A delete of what is not there is an error.";
    no_data_is_no_session NoDataIsNoSession caught by "CRUD-007": "A session without data is absent.";
    save_creates SaveCreates caught by "CRUD-009": "A save at a revision creates what is not there.";
    forgets_every_hundredth ForgetsEveryHundredth caught by "CRUD-013": "Every session whose key ends in a multiple of 64 is not kept.";
    the_same_data_is_no_change TheSameDataIsNoChange caught by "CRUD-003": "A save of the same data to the same end, for the same owner, makes the next revision and keeps the time of access.";
    the_same_data_keep_the_owner TheSameDataKeepTheOwner caught by "CRUD-003": "A save of the same data keeps the owner.";
    objects_are_of_all_namespaces ObjectsAreOfAllNamespaces caught by "CRUD-014": "Objects lie in one map for all namespaces.";
    delete_is_never_ok DeleteIsNeverOk caught by "CRUD-004": "A delete is carried out and answered as a failure.";
}

#[async_trait]
impl Flaw for FoundWithoutLooking {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let found = world.lock().load(key, now)?;
        let empty = Record { data: Bytes::new(), accessed_at: now, expires_at: Timestamp::MAX, owner: None };
        Ok(Some(found.unwrap_or(Stored { record: empty, revision: Revision::first()? })))
    }
}

#[async_trait]
impl Flaw for OwnerDropped {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| call.of(&Record { owner: None, ..call.record.clone() }, sessions))
    }
}

#[async_trait]
impl Flaw for AccessedAtIsNow {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| call.of(&Record { accessed_at: call.now, ..call.record.clone() }, sessions))
    }
}

#[async_trait]
impl Flaw for ReadOnce {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let found = world.lock().load(key, now)?;
        world.lock().map.remove(key);
        Ok(found)
    }
}

#[async_trait]
impl Flaw for DataMerged {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let old = sessions.map.get(call.key).map(|stored| stored.record.data.clone()).unwrap_or_default();
            let tail = old.get(call.record.data.len()..).unwrap_or_default();
            let data = Bytes::from([&call.record.data[..], tail].concat());
            call.of(&Record { data, ..call.record.clone() }, sessions)
        })
    }
}

#[async_trait]
impl Flaw for OwnerIsSetOnce {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let old = sessions.map.get(call.key).map(|stored| stored.record.owner.clone());
            let owner = old.unwrap_or_else(|| call.record.owner.clone());
            call.of(&Record { owner, ..call.record.clone() }, sessions)
        })
    }
}

#[async_trait]
impl Flaw for DeleteDoesNothing {
    async fn delete(&self, _: &World, _: &Key) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Flaw for DeleteByFirstHalf {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        let half = |key: &Key| key.as_bytes().first_chunk::<8>().copied();
        world.lock().map.retain(|other, _| half(other) != half(key));
        Ok(())
    }
}

#[async_trait]
impl Flaw for DeleteOfNothingFails {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        if world.with(|sessions| sessions.delete(key)) { Ok(()) } else { Err(Error::Missing) }
    }
}

#[async_trait]
impl Flaw for NoDataIsNoSession {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        Ok(world.lock().load(key, now)?.filter(|stored| !stored.record.data.is_empty()))
    }
}

#[async_trait]
impl Flaw for SaveCreates {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| match call.on(sessions) {
            Err(Error::Missing) => Save { expect: Expect::Absent, ..call }.on(sessions),
            saved => saved,
        })
    }
}

#[async_trait]
impl Flaw for ForgetsEveryHundredth {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let revision = world.with(|sessions| call.on(sessions))?;
        if call.key.as_bytes().last().is_some_and(|byte| byte % 64 == 1) {
            world.lock().map.remove(call.key);
        }
        Ok(revision)
    }
}

#[async_trait]
impl Flaw for DeleteIsNeverOk {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        world.with(|sessions| sessions.delete(key));
        Err(Error::backend("sabotaged", "delete", "for no reason"))
    }
}

/// Saves, and where the data stay the same, keeps what `keep` takes from the record that is there.
fn save_with_what_is_there(
    world: &World,
    call: Save<'_>,
    keep: impl Fn(&Record, &Record) -> Record,
) -> Result<Revision> {
    world.with(|sessions| {
        let there = sessions.live(call.key, call.now).map(|stored| stored.record.clone());
        let same = there.filter(|there| there.data == call.record.data && call.expect != Expect::Absent);
        match same {
            Some(there) => call.of(&keep(&there, call.record), sessions),
            None => call.on(sessions),
        }
    })
}

#[async_trait]
impl Flaw for TheSameDataIsNoChange {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save_with_what_is_there(world, call, |there, new| {
            let same = there.expires_at == new.expires_at && there.owner == new.owner;
            if same { there.clone() } else { new.clone() }
        })
    }
}

#[async_trait]
impl Flaw for TheSameDataKeepTheOwner {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save_with_what_is_there(world, call, |there, new| Record {
            owner: there.owner.clone(),
            ..new.clone()
        })
    }
}

impl Flaw for ObjectsAreOfAllNamespaces {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        world.lock().live(call.key, call.now).ok_or(Error::Missing)?;
        let eldest = world.eldest();
        let mut eldest = eldest.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(eldest.objects.insert((*call.key, call.name.to_owned()), call.object))
    }

    fn object(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        world.lock().live(key, now)?;
        let eldest = world.eldest();
        let eldest = eldest.lock().unwrap_or_else(PoisonError::into_inner);
        eldest.objects.get(&(*key, name.to_owned())).cloned()
    }

    fn remove(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        world.lock().live(key, now)?;
        let eldest = world.eldest();
        let mut eldest = eldest.lock().unwrap_or_else(PoisonError::into_inner);
        eldest.objects.remove(&(*key, name.to_owned()))
    }
}
