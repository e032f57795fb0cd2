//! Flaws that one caller sees.

use async_trait::async_trait;
use bytes::Bytes;
use session_core::{Expect, Key, Record, Result, Revision, Stored, Timestamp};

use super::{Flaw, World, saboteurs};

saboteurs! {
    owner_dropped OwnerDropped caught by "CRUD-002": "A save forgets the owner.";
    data_merged DataMerged caught by "CRUD-003": "A shorter record leaves the tail of a longer one.";
    delete_does_nothing DeleteDoesNothing caught by "CRUD-004": "A delete answers Ok and deletes nothing.";
    delete_by_first_half DeleteByFirstHalf caught by "CRUD-004": "A delete looks at the first half of a key only.";
    found_without_looking FoundWithoutLooking caught by "CRUD-001": "An absent session is an empty one.";
}

#[async_trait]
impl Flaw for OwnerDropped {
    async fn save(
        &self,
        world: &World,
        key: &Key,
        record: &Record,
        expect: Expect,
        now: Timestamp,
    ) -> Result<Revision> {
        world.lock().save(key, &Record { owner: None, ..record.clone() }, expect, now)
    }
}

#[async_trait]
impl Flaw for DataMerged {
    async fn save(
        &self,
        world: &World,
        key: &Key,
        record: &Record,
        expect: Expect,
        now: Timestamp,
    ) -> Result<Revision> {
        let mut sessions = world.lock();
        let old = sessions.map.get(key).map(|stored| stored.record.data.clone()).unwrap_or_default();
        let tail = old.get(record.data.len()..).unwrap_or_default();
        let data = Bytes::from([&record.data[..], tail].concat());
        sessions.save(key, &Record { data, ..record.clone() }, expect, now)
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
impl Flaw for FoundWithoutLooking {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let found = world.lock().load(key, now)?;
        let empty = Record { data: Bytes::new(), accessed_at: now, expires_at: Timestamp::MAX, owner: None };
        Ok(Some(found.unwrap_or(Stored { record: empty, revision: Revision::first()? })))
    }
}
