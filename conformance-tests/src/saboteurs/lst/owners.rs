//! Flaws of the lists of owners.

use async_trait::async_trait;
use session_core::{Key, Owner, Result, Revision, Stored, Timestamp};

use super::ghost;
use crate::saboteurs::{Flaw, World, saboteurs};

saboteurs! {
    owners_by_beginning OwnersByBeginning caught by "LST-009": "An owner's list has all whose names begin alike.";
    owners_without_case OwnersWithoutCase caught by "LST-009": "Owners are compared without case.";
    owners_without_spaces OwnersWithoutSpaces caught by "LST-009": "Owners are compared without spaces at the end.";
    owned_in_another_order OwnedInAnotherOrder caught by "LST-010": "An owner's list shows the newest first.";
    owners_list_of_five OwnersListOfFive caught by "LST-010": "An owner's list has five sessions at most.";
    an_owner_has_a_ghost AnOwnerHasAGhost caught by "LST-001": "An owner's list has a session that is not there.";
    an_owners_list_is_old AnOwnersListIsOld caught by "LST-013": "An owner's list shows the revision before the last.";
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
