//! Listing sessions.

use async_trait::async_trait;
use session_core::{Directory, Key, Owner, Result, Stored, Timestamp};

use crate::MemoryStore;

#[async_trait]
impl Directory for MemoryStore {
    async fn page(&self, after: Option<&Key>, limit: usize, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let mut page = Vec::new();
        for shard in self.shards().each_from(after) {
            page.extend(shard.page(after, limit - page.len(), now));
            if page.len() == limit {
                break;
            }
        }
        Ok(page)
    }

    async fn owned_by(&self, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let shards = self.shards().all();
        let mut owned: Vec<_> = shards.iter().flat_map(|shard| shard.owned_by(owner, now)).collect();
        drop(shards);
        owned.sort_unstable_by_key(|(key, _)| *key);
        Ok(owned)
    }

    async fn count(&self, now: Timestamp) -> Result<u64> {
        let live: usize = self.shards().all().iter().map(|shard| shard.count(now)).sum();
        Ok(u64::try_from(live).unwrap_or(u64::MAX))
    }
}
