//! Flaws of lists and counts in which a record is damaged.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Key, Owner, Result, Revision, Stored, Timestamp};

use crate::saboteurs::{Flaw, Page, Save, World, saboteurs};

saboteurs! {
    the_damaged_take_a_place_on_a_page TheDamagedTakeAPlaceOnAPage caught by "COR-006": "A damaged record is left out of a page, and counts for its limit.";
    the_owner_of_the_damaged_comes_back TheOwnerOfTheDamagedComesBack caught by "COR-006": "What is created without an owner where a record was damaged is listed for its owner.";
    the_damaged_are_counted_down_twice TheDamagedAreCountedDownTwice caught by "COR-006": "The count goes down when a record is damaged, and again when it is deleted.";
}

#[async_trait]
impl Flaw for TheDamagedTakeAPlaceOnAPage {
    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let Page { after, limit, now } = call;
        let sessions = world.lock();
        let mut all: Vec<_> = sessions.page(after, usize::MAX, now).into_iter().map(Ok).collect();
        all.extend(sessions.damaged.keys().filter(|key| after.is_none_or(|after| key > &after)).map(Err));
        all.sort_by_key(|entry| match entry {
            Ok((key, _)) => *key,
            Err(key) => **key,
        });
        Ok(all.into_iter().take(limit).filter_map(std::result::Result::ok).collect())
    }
}

/// Whose the sessions were whose records were damaged.
type Owners = Mutex<HashMap<Key, Owner>>;

#[async_trait]
impl Flaw for TheOwnerOfTheDamagedComesBack {
    fn damage(&self, world: &World, key: &Key, bytes: &[u8]) {
        let owners = world.part::<Owners>();
        let mut owners = owners.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sessions = world.lock();
        let owner = sessions.map.get(key).and_then(|stored| stored.record.owner.clone());
        sessions.overwrite(key, bytes);
        owners.extend(owner.map(|owner| (*key, owner)));
    }

    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        if call.record.owner.is_some() {
            world.part::<Owners>().lock().unwrap_or_else(PoisonError::into_inner).remove(call.key);
        }
        world.with(|sessions| call.on(sessions))
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let owners = world.part::<Owners>();
        let owners = owners.lock().unwrap_or_else(PoisonError::into_inner);
        let mut listed = world.lock().page(None, usize::MAX, now);
        listed
            .retain(|(key, stored)| stored.record.owner.as_ref().or_else(|| owners.get(key)) == Some(owner));
        Ok(listed)
    }
}

/// How many damaged records were deleted.
type Deleted = Mutex<u64>;

#[async_trait]
impl Flaw for TheDamagedAreCountedDownTwice {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        let is_damaged = world.lock().damaged.contains_key(key);
        world.with(|sessions| sessions.delete(key));
        *world.part::<Deleted>().lock().unwrap_or_else(PoisonError::into_inner) += u64::from(is_damaged);
        Ok(())
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        let deleted = *world.part::<Deleted>().lock().unwrap_or_else(PoisonError::into_inner);
        Ok(world.lock().count(now).saturating_sub(deleted))
    }
}
