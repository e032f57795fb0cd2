//! Live objects beside the sessions.

use session_core::{Error, Key, Object, Objects, Result, Timestamp};

use crate::MemoryStore;

impl Objects for MemoryStore {
    fn put(&self, key: &Key, name: &str, object: Object, now: Timestamp) -> Result<Option<Object>> {
        let mut shard = self.shards().of(key);
        if shard.live(key, now).is_none() {
            // A refused object is dropped outside the lock all the same: arguments go after the guard.
            return Err(Error::Missing);
        }
        Ok(shard.objects.put(key, name, object))
    }

    fn get(&self, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        let shard = self.shards().of(key);
        shard.live(key, now)?;
        shard.objects.get(key, name)
    }

    fn remove(&self, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        let mut shard = self.shards().of(key);
        shard.live(key, now)?;
        shard.objects.remove(key, name)
    }
}
