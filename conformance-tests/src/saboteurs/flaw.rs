//! A store in which one thing is wrong.

use std::{fmt, sync::Arc, thread, time::Duration};

use async_trait::async_trait;
use session_core::{
    AtOnce, Directory, Expect, Key, Object, Objects, Owner, Record, Result, Revision, Store, Stored,
    Timestamp,
};

use super::{
    call::{Page, Put, Save, Touch},
    world::World,
};
use crate::exception::Exception;

/// Takes a moment, as a medium does between two steps that should be one.
pub(crate) fn pause() {
    thread::sleep(Duration::from_micros(50));
}

/// One thing that is wrong: each method does what is right, and a saboteur overrides one.
#[async_trait]
pub(crate) trait Flaw: Send + Sync + 'static {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        world.lock().load(key, now)
    }

    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| call.on(sessions))
    }

    fn load_at_once(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        world.lock().load(key, now)
    }

    fn save_at_once(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| call.on(sessions))
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| call.on(sessions))
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        world.with(|sessions| sessions.delete(key));
        Ok(())
    }

    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| sessions.delete_expired(now, limit)))
    }

    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        Ok(call.on(&world.lock()))
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        Ok(world.lock().owned_by(owner, now))
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(world.lock().count(now))
    }

    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        world.with(|sessions| call.on(sessions))
    }

    fn object(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        world.lock().object(key, name, now)
    }

    fn remove(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        world.lock().remove(key, name, now)
    }

    /// Makes a store with a cap, which is a field of the sessions.
    fn cap(&self, world: &World, max: usize) {
        world.lock().max_sessions = Some(max);
    }

    /// Makes a store without a cap, whatever cap it had before.
    fn uncap(&self, world: &World) {
        world.lock().max_sessions = None;
    }

    /// Returns what `Debug` shows of the store.
    fn debug(&self, _world: &World) -> String {
        "Sabotaged".to_owned()
    }

    /// Returns whether the store shows its facets: the directory, and the live objects.
    fn facets(&self) -> (bool, bool) {
        (true, true)
    }

    /// Returns whether the store shows that it answers at once.
    fn answers_at_once(&self) -> bool {
        false
    }

    /// Returns the cases that the store says it does not fit.
    fn exceptions(&self) -> &'static [Exception] {
        &[]
    }

    /// Opens a namespace again: `world` is what the first opening left behind.
    fn reopen(&self, _world: &World) {}

    /// Refuses to open a namespace, or does not.
    fn admit(&self, _world: &World) -> Result<()> {
        Ok(())
    }

    /// Drops a handle, whichever of its `world`.
    fn close(&self, _world: &World) {}

    /// Puts damaged or strange bytes under a key.
    fn damage(&self, world: &World, key: &Key, bytes: &[u8]) {
        world.lock().overwrite(key, bytes);
    }
}

/// A store with a flaw.
pub(crate) struct Sabotaged {
    pub(crate) flaw: Arc<dyn Flaw>,
    pub(crate) world: Arc<World>,
}

impl Drop for Sabotaged {
    fn drop(&mut self) {
        self.flaw.close(&self.world);
    }
}

#[async_trait]
impl Store for Sabotaged {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        self.flaw.load(&self.world, key, now).await
    }

    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        self.flaw.save(&self.world, Save { key, record, expect, now }).await
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        self.flaw.touch(&self.world, Touch { key, expect, accessed_at, expires_at, now }).await
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        self.flaw.delete(&self.world, key).await
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        self.flaw.delete_expired(&self.world, now, limit).await
    }

    fn directory(&self) -> Option<&dyn Directory> {
        self.flaw.facets().0.then_some(self)
    }

    fn objects(&self) -> Option<&dyn Objects> {
        self.flaw.facets().1.then_some(self)
    }

    fn at_once(&self) -> Option<&dyn AtOnce> {
        self.flaw.answers_at_once().then_some(self)
    }
}

impl AtOnce for Sabotaged {
    fn load_at_once(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        self.flaw.load_at_once(&self.world, key, now)
    }

    fn save_at_once(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        self.flaw.save_at_once(&self.world, Save { key, record, expect, now })
    }
}

#[async_trait]
impl Directory for Sabotaged {
    async fn page(&self, after: Option<&Key>, limit: usize, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        self.flaw.page(&self.world, Page { after, limit, now }).await
    }

    async fn owned_by(&self, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        self.flaw.owned_by(&self.world, owner, now).await
    }

    async fn count(&self, now: Timestamp) -> Result<u64> {
        self.flaw.count(&self.world, now).await
    }
}

impl Objects for Sabotaged {
    fn put(&self, key: &Key, name: &str, object: Object, now: Timestamp) -> Result<Option<Object>> {
        self.flaw.put(&self.world, Put { key, name, object, now })
    }

    fn get(&self, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        self.flaw.object(&self.world, key, name, now)
    }

    fn remove(&self, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        self.flaw.remove(&self.world, key, name, now)
    }
}

impl fmt::Debug for Sabotaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.flaw.debug(&self.world))
    }
}
