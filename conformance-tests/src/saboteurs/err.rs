//! Flaws of answers and claims.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Result, Revision, Stored, Timestamp};

use super::{Flaw, Save, Touch, World, saboteurs};
use crate::exception::Exception;

saboteurs! {
    conflict_is_missing ConflictIsMissing caught by "ERR-001": "A save at a wrong revision answers that nothing is there.";
    missing_is_a_conflict MissingIsAConflict caught by "ERR-001": "A touch of what is not there is a conflict.";
    a_refused_write_moves_the_revision ARefusedWriteMovesTheRevision caught by "ERR-002": "A save that is refused still makes a new revision.";
    a_refused_touch_moves_the_end ARefusedTouchMovesTheEnd caught by "ERR-002": "A touch that is refused still moves the end.";
    no_directory NoDirectory caught by "NEG-001": "The directory that is claimed is not there.";
    no_objects NoObjects caught by "NEG-001": "The live objects that are claimed are not there.";
    evicts_without_a_cap EvictsWithoutACap caught by "NEG-004": "The store keeps 200 sessions and evicts the rest, unasked.";
    one_store_for_all OneStoreForAll caught by "CRUD-014": "Sessions of another namespace are found too.";
    excepted_from_nothing ExceptedFromNothing caught by "NEG-005": "It says that it does not fit a case, and there is none of that name.";
}

#[async_trait]
impl Flaw for ConflictIsMissing {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let saved = world.with(|sessions| call.on(sessions));
        saved.map_err(|error| if matches!(error, Error::Conflict) { Error::Missing } else { error })
    }
}

#[async_trait]
impl Flaw for MissingIsAConflict {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        let touched = world.with(|sessions| call.on(sessions));
        touched.map_err(|error| if matches!(error, Error::Missing) { Error::Conflict } else { error })
    }
}

#[async_trait]
impl Flaw for ARefusedWriteMovesTheRevision {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let saved = call.on(sessions);
            if let (Err(Error::Conflict), Some(stored)) = (&saved, sessions.map.get_mut(call.key)) {
                stored.revision = stored.revision.next()?;
            }
            saved
        })
    }
}

#[async_trait]
impl Flaw for ARefusedTouchMovesTheEnd {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let touched = call.on(sessions);
            if let (Err(Error::Conflict), Some(stored)) = (&touched, sessions.map.get_mut(call.key)) {
                stored.record.expires_at = call.expires_at;
            }
            touched
        })
    }
}

impl Flaw for NoDirectory {
    fn facets(&self) -> (bool, bool) {
        (false, true)
    }
}

impl Flaw for ExceptedFromNothing {
    fn exceptions(&self) -> &'static [Exception] {
        &[Exception { id: "NEG-500", reason: "", url: "" }]
    }
}

impl Flaw for NoObjects {
    fn facets(&self) -> (bool, bool) {
        (true, false)
    }
}

#[async_trait]
impl Flaw for EvictsWithoutACap {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let cap = sessions.max_sessions;
            sessions.max_sessions = cap.or(Some(200)).filter(|_| call.expect == Expect::Absent);
            let saved = call.on(sessions);
            sessions.max_sessions = cap;
            saved
        })
    }
}

#[async_trait]
impl Flaw for OneStoreForAll {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let saved = world.with(|sessions| call.on(sessions))?;
        SHARED
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(*call.key, world.lock().map.get(call.key).cloned());
        Ok(saved)
    }

    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let found = world.lock().load(key, now)?;
        let shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned().flatten();
        Ok(found.or(shared).filter(|stored| stored.record.is_live(now)))
    }
}

/// What every namespace sees.
static SHARED: Mutex<BTreeMap<Key, Option<Stored>>> = Mutex::new(BTreeMap::new());
