//! A store in which one thing is wrong.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use async_trait::async_trait;
use session_core::{
    AtOnce, Directory, Expect, Key, Object, Objects, Owner, Record, Result, Revision, Store, Stored,
    Timestamp, tell_evicted,
};

use super::call::{Save, Touch};
use crate::{exception::Exception, reference::Sessions};

/// The sessions of one namespace, behind a lock. A clone is a handle to the same ones.
#[derive(Clone, Default)]
pub(crate) struct World {
    sessions: Arc<Mutex<Sessions>>,
    parts: Arc<Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>>,
    kin: Kin,
    /// Which opening of the namespace this is: the first one is 0.
    pub(crate) opening: usize,
}

/// The sessions of all namespaces that one case has opened, each behind its lock.
pub(crate) type Kin = Arc<Mutex<Vec<Arc<Mutex<Sessions>>>>>;

impl World {
    /// Returns an empty one beside the others of its case.
    pub(crate) fn among(kin: &Kin) -> Self {
        let world = Self { kin: Arc::clone(kin), ..Self::default() };
        kin.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&world.sessions));
        world
    }

    /// Returns what is in the namespaces of the case, this one among them.
    pub(crate) fn of_all_kin(&self) -> Vec<Sessions> {
        let kin = self.kin.lock().unwrap_or_else(PoisonError::into_inner).clone();
        kin.iter().map(|sessions| sessions.lock().unwrap_or_else(PoisonError::into_inner).clone()).collect()
    }

    /// Returns the same sessions as another opening finds them.
    pub(crate) fn opened_again(&self) -> Self {
        Self { opening: self.opening + 1, ..self.clone() }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what a flaw keeps beside the sessions, such as a cache: one of each type.
    pub(crate) fn part<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let part = Arc::clone(parts.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default())));
        part.downcast().unwrap_or_default()
    }

    /// Does something under the lock, and drops the objects of ended sessions and tells of the evicted outside of it.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Sessions) -> T) -> T {
        let mut sessions = self.lock();
        let done = work(&mut sessions);
        let (gone, evicted) = (mem::take(&mut sessions.gone), mem::take(&mut sessions.evicted));
        drop(sessions);
        drop(gone);
        evicted.iter().for_each(tell_evicted);
        done
    }
}

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

    async fn page(
        &self,
        world: &World,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Stored)>> {
        Ok(world.lock().page(after, limit, now))
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        Ok(world.lock().owned_by(owner, now))
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(world.lock().count(now))
    }

    fn put(
        &self,
        world: &World,
        key: &Key,
        name: &str,
        object: Object,
        now: Timestamp,
    ) -> Result<Option<Object>> {
        world.with(|sessions| sessions.put(key, name, object, now))
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
        self.flaw.page(&self.world, after, limit, now).await
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
        self.flaw.put(&self.world, key, name, object, now)
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
