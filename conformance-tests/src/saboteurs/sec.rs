//! Flaws of discretion.

use async_trait::async_trait;
use session_core::{Error, Key, Result, Revision, Stored, Timestamp};

use super::{Flaw, Save, World, saboteurs};

saboteurs! {
    debug_shows_the_data DebugShowsTheData caught by "SEC-005": "`Debug` of the store shows what it keeps.";
    debug_shows_the_owners DebugShowsTheOwners caught by "SEC-005": "`Debug` of the store shows whose sessions it keeps.";
    errors_show_the_owner ErrorsShowTheOwner caught by "SEC-005": "An error's cause names the owner.";
    a_save_logs_the_data ASaveLogsTheData caught by "SEC-005": "A save logs the data.";
    a_load_logs_the_owner ALoadLogsTheOwner caught by "SEC-005": "A load logs whose session it is.";
    a_sweep_logs_the_owners ASweepLogsTheOwners caught by "SEC-005": "A sweep logs whose sessions it deletes.";
    a_thread_logs_the_data AThreadLogsTheData caught by "SEC-005": "The thread that writes logs the data.";
    a_guess_leaves_a_record AGuessLeavesARecord caught by "SEC-008": "A load of what is not there leaves a dead record behind.";
}

impl Flaw for DebugShowsTheData {
    fn debug(&self, world: &World) -> String {
        world.lock().map.values().map(|stored| format!("{:?}", &stored.record.data[..])).collect()
    }
}

impl Flaw for DebugShowsTheOwners {
    fn debug(&self, world: &World) -> String {
        let owners =
            world.lock().map.values().filter_map(|stored| stored.record.owner.clone()).collect::<Vec<_>>();
        owners.iter().map(|owner| owner.as_str().to_owned()).collect()
    }
}

#[async_trait]
impl Flaw for ErrorsShowTheOwner {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| call.on(sessions)).map_err(|error| match (&error, &call.record.owner) {
            (Error::Missing, Some(owner)) => Error::backend("sabotaged", "save", owner.as_str().to_owned()),
            _ => error,
        })
    }
}

#[async_trait]
impl Flaw for AGuessLeavesARecord {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let found = world.lock().load(key, now)?;
        if found.is_none() {
            let record = session_core::Record {
                data: [].as_slice().into(),
                accessed_at: now,
                expires_at: now,
                owner: None,
            };
            let revision = Revision::first()?;
            world.lock().map.entry(*key).or_insert(Stored { record, revision });
        }
        Ok(found)
    }
}

#[async_trait]
impl Flaw for ASaveLogsTheData {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        tracing::trace!(data = ?call.record.data, "saved");
        world.with(|sessions| call.on(sessions))
    }
}

#[async_trait]
impl Flaw for ALoadLogsTheOwner {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let found = world.lock().load(key, now)?;
        let owner = found.as_ref().and_then(|found| found.record.owner.as_ref());
        tracing::debug!(owner = owner.map(session_core::Owner::as_str), "loaded");
        Ok(found)
    }
}

#[async_trait]
impl Flaw for ASweepLogsTheOwners {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let dead: Vec<Key> = world.lock().dead(now).take(limit).collect();
        for key in &dead {
            let owner = world.lock().map.get(key).and_then(|stored| stored.record.owner.clone());
            tracing::info!(owner = owner.as_ref().map(session_core::Owner::as_str), "swept");
        }
        Ok(world.with(|sessions| dead.iter().filter(|key| sessions.delete(key)).count()))
    }
}

#[async_trait]
impl Flaw for AThreadLogsTheData {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let data = call.record.data.clone();
        let logged = tokio::task::spawn_blocking(move || tracing::debug!(?data, "written")).await;
        logged.map_err(|error| Error::backend("saboteur", "write", error))?;
        world.with(|sessions| call.on(sessions))
    }
}
