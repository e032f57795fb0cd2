//! Flaws of the lists of owners.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Expect, Key, Owner, Result, Revision, Stored, Timestamp};

use super::ghost;
use crate::saboteurs::{Flaw, Save, World, saboteurs};

saboteurs! {
    owners_by_beginning OwnersByBeginning caught by "LST-009": "An owner's list has all whose names begin alike.";
    owners_without_case OwnersWithoutCase caught by "LST-009": "Owners are compared without case.";
    owners_without_spaces OwnersWithoutSpaces caught by "LST-009": "Owners are compared without spaces at the end.";
    owned_in_another_order OwnedInAnotherOrder caught by "LST-010": "An owner's list shows the newest first.";
    owners_list_of_five OwnersListOfFive caught by "LST-010": "An owner's list has five sessions at most.";
    an_owner_has_a_ghost AnOwnerHasAGhost caught by "LST-001": "An owner's list has a session that is not there.";
    an_owners_list_is_old AnOwnersListIsOld caught by "LST-013": "An owner's list shows the revision before the last.";
    owners_beyond_ascii_without_case OwnersBeyondAsciiWithoutCase caught by "LST-009": "Owners with letters beyond ASCII are compared without case.";
    owners_of_emoji_are_alike OwnersOfEmojiAreAlike caught by "LST-009": "All characters beyond the first 65,536 are compared as one.";
    owners_without_what_is_unseen OwnersWithoutWhatIsUnseen caught by "LST-009": "Characters without width are left out when owners are compared.";
    an_owners_list_begins_after_the_lowest_key AnOwnersListBeginsAfterTheLowestKey caught by "LST-017": "An owner's list leaves out the lowest key that there can be.";
    the_owner_of_the_swept_comes_back TheOwnerOfTheSweptComesBack caught by "GC-010": "What is created without an owner where a sweep took a session is listed for its owner.";
}

#[async_trait]
impl Flaw for OwnersByBeginning {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let page = world.lock().page(None, usize::MAX, now).into_iter();
        Ok(page
            .filter(|(_, stored)| {
                stored.record.owner.as_ref().is_some_and(|other| other.as_str().starts_with(owner.as_str()))
            })
            .collect())
    }
}

#[async_trait]
impl Flaw for OwnersWithoutCase {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let page = world.lock().page(None, usize::MAX, now).into_iter();
        let same = |other: &Owner| other.as_str().eq_ignore_ascii_case(owner.as_str());
        Ok(page.filter(|(_, stored)| stored.record.owner.as_ref().is_some_and(same)).collect())
    }
}

#[async_trait]
impl Flaw for OwnersWithoutSpaces {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let page = world.lock().page(None, usize::MAX, now).into_iter();
        let same = |other: &Owner| other.as_str().trim_end() == owner.as_str().trim_end();
        Ok(page.filter(|(_, stored)| stored.record.owner.as_ref().is_some_and(same)).collect())
    }
}

#[async_trait]
impl Flaw for OwnedInAnotherOrder {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let mut owned = world.lock().owned_by(owner, now);
        owned.sort_by_key(|(key, stored)| (stored.record.accessed_at, std::cmp::Reverse(*key)));
        Ok(owned)
    }
}

#[async_trait]
impl Flaw for OwnersListOfFive {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let mut owned = world.lock().owned_by(owner, now);
        owned.truncate(5);
        Ok(owned)
    }
}

#[async_trait]
impl Flaw for AnOwnerHasAGhost {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let mut owned = world.lock().owned_by(owner, now);
        owned.push(ghost(now)?);
        Ok(owned)
    }
}

#[async_trait]
impl Flaw for AnOwnersListIsOld {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let mut owned = world.lock().owned_by(owner, now);
        for (_, stored) in &mut owned {
            stored.revision = Revision::from_i64(stored.revision.as_i64().saturating_sub(1))?;
        }
        Ok(owned)
    }
}

/// Lists the sessions whose owners are the same once `fold` has been applied to both.
fn owned_by_folded(
    world: &World,
    owner: &Owner,
    now: Timestamp,
    fold: impl Fn(&str) -> String,
) -> Vec<(Key, Stored)> {
    let wanted = fold(owner.as_str());
    let mut listed = world.lock().page(None, usize::MAX, now);
    listed.retain(|(_, stored)| {
        stored.record.owner.as_ref().is_some_and(|other| fold(other.as_str()) == wanted)
    });
    listed
}

#[async_trait]
impl Flaw for OwnersBeyondAsciiWithoutCase {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let fold = |name: &str| if name.is_ascii() { name.to_owned() } else { name.to_lowercase() };
        Ok(owned_by_folded(world, owner, now, fold))
    }
}

#[async_trait]
impl Flaw for OwnersOfEmojiAreAlike {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let fold = |name: &str| name.replace(|letter| letter > '\u{ffff}', "\u{fffd}");
        Ok(owned_by_folded(world, owner, now, fold))
    }
}

#[async_trait]
impl Flaw for OwnersWithoutWhatIsUnseen {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let fold = |name: &str| name.replace(['\u{200b}', '\u{200d}', '\u{feff}', '\u{ad}'], "");
        Ok(owned_by_folded(world, owner, now, fold))
    }
}

/// Whose the sessions were that a sweep has taken.
type Swept = Mutex<HashMap<Key, Owner>>;

#[async_trait]
impl Flaw for TheOwnerOfTheSweptComesBack {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        if call.expect != Expect::Absent || call.record.owner.is_some() {
            world.part::<Swept>().lock().unwrap_or_else(PoisonError::into_inner).remove(call.key);
        }
        world.with(|sessions| call.on(sessions))
    }

    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let swept = world.part::<Swept>();
        let mut swept = swept.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(world.with(|sessions| {
            let owner = |key: Key| Some((key, sessions.map.get(&key)?.record.owner.clone()?));
            swept.extend(sessions.dead(now).take(limit).filter_map(owner));
            sessions.delete_expired(now, limit)
        }))
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let swept = world.part::<Swept>();
        let swept = swept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut listed = world.lock().page(None, usize::MAX, now);
        listed.retain(|(key, stored)| stored.record.owner.as_ref().or_else(|| swept.get(key)) == Some(owner));
        Ok(listed)
    }
}

#[async_trait]
impl Flaw for AnOwnersListBeginsAfterTheLowestKey {
    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let mut owned = world.lock().owned_by(owner, now);
        owned.retain(|(key, _)| *key != Key::from_bytes([0; Key::BYTES]));
        Ok(owned)
    }
}
