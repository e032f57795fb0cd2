//! Flaws of writes that reach the session under the same key in every namespace.

use async_trait::async_trait;
use session_core::{Expect, Key, Result, Revision};

use crate::saboteurs::{Flaw, Save, Touch, World, saboteurs};

saboteurs! {
    a_save_reaches_every_namespace ASaveReachesEveryNamespace caught by "CRUD-014": "A save is judged in its namespace, and writes the session of that key in all.";
    a_touch_reaches_every_namespace ATouchReachesEveryNamespace caught by "CRUD-014": "A touch is judged in its namespace, and writes the session of that key in all.";
}

/// Has all namespaces keep under the key what this one keeps.
fn write_all(world: &World, key: &Key) {
    let Some(stored) = world.lock().map.get(key).cloned() else { return };
    world.each_kin(|sessions| {
        if let Some(twin) = sessions.map.get_mut(key) {
            *twin = stored.clone();
        }
    });
}

#[async_trait]
impl Flaw for ASaveReachesEveryNamespace {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let revision = world.with(|sessions| call.on(sessions))?;
        if call.expect != Expect::Absent {
            write_all(world, call.key);
        }
        Ok(revision)
    }
}

#[async_trait]
impl Flaw for ATouchReachesEveryNamespace {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        let revision = world.with(|sessions| call.on(sessions))?;
        write_all(world, call.key);
        Ok(revision)
    }
}
