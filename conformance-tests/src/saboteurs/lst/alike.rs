//! Flaws of saves that give a session to an owner whose name is nearly that of the one before.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Expect, Key, Owner, Record, Result, Revision, Stored, Timestamp};

use crate::saboteurs::{Flaw, Save, World, saboteurs};

saboteurs! {
    a_save_keeps_an_owner_who_is_alike ASaveKeepsAnOwnerWhoIsAlike caught by "LST-009": "A save writes the owner where it is another without case.";
    a_save_lists_owners_in_lower_case ASaveListsOwnersInLowerCase caught by "LST-009": "A create lists a session for its owner, and a save for the owner in lower case.";
    a_save_leaves_it_to_who_is_alike ASaveLeavesItToWhoIsAlike caught by "LST-009": "A save takes a session from the list of its owner where the new one is another without case.";
}

fn are_alike(one: &Owner, other: &Owner) -> bool {
    one.as_str().eq_ignore_ascii_case(other.as_str())
}

#[async_trait]
impl Flaw for ASaveKeepsAnOwnerWhoIsAlike {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let old = sessions.map.get(call.key).and_then(|stored| stored.record.owner.clone());
            match (old, &call.record.owner) {
                (Some(old), Some(new)) if call.expect != Expect::Absent && are_alike(&old, new) => {
                    call.of(&Record { owner: Some(old), ..call.record.clone() }, sessions)
                }
                _ => call.on(sessions),
            }
        })
    }
}

/// On whose lists sessions are beside those of their owners, or in their place.
type Names = Mutex<HashMap<Key, String>>;

fn note(world: &World, key: &Key, name: Option<String>) {
    let names = world.part::<Names>();
    let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
    match name {
        Some(name) => names.insert(*key, name),
        None => names.remove(key),
    };
}

fn noted(world: &World, key: &Key) -> Option<String> {
    world.part::<Names>().lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
}

#[async_trait]
impl Flaw for ASaveListsOwnersInLowerCase {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let revision = world.with(|sessions| call.on(sessions))?;
        let name = call.record.owner.as_ref().map(|owner| owner.as_str().to_lowercase());
        note(world, call.key, name.filter(|_| call.expect != Expect::Absent));
        Ok(revision)
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let mut owned = world.lock().owned_by(owner, now);
        owned.retain(|(key, _)| noted(world, key).is_none_or(|name| name == owner.as_str()));
        Ok(owned)
    }
}

#[async_trait]
impl Flaw for ASaveLeavesItToWhoIsAlike {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let old = world.lock().map.get(call.key).and_then(|stored| stored.record.owner.clone());
        let revision = world.with(|sessions| call.on(sessions))?;
        let left = old.filter(|old| call.record.owner.as_ref().is_some_and(|new| are_alike(old, new)));
        note(world, call.key, left.map(|old| old.as_str().to_owned()));
        Ok(revision)
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let mut page = world.lock().page(None, usize::MAX, now);
        page.retain(|(key, stored)| {
            stored.record.owner.as_ref() == Some(owner)
                || noted(world, key).as_deref() == Some(owner.as_str())
        });
        Ok(page)
    }
}
