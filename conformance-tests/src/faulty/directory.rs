//! Listing sessions of a store that fails.

use async_trait::async_trait;
use session_core::{Directory, Error, Key, Owner, Result, Store, Stored, Timestamp};

use crate::faulty::{FaultyStore, Verb, store::around};

#[async_trait]
impl<S: Store + ?Sized> Directory for FaultyStore<S> {
    async fn page(&self, after: Option<&Key>, limit: usize, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let fault = self.fault(Verb::Directory).await;
        around(fault, self.listing()?.page(after, limit, now)).await
    }

    async fn owned_by(&self, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let fault = self.fault(Verb::Directory).await;
        around(fault, self.listing()?.owned_by(owner, now)).await
    }

    async fn count(&self, now: Timestamp) -> Result<u64> {
        let fault = self.fault(Verb::Directory).await;
        around(fault, self.listing()?.count(now)).await
    }
}

impl<S: Store + ?Sized> FaultyStore<S> {
    fn listing(&self) -> Result<&dyn Directory> {
        self.shared.store.directory().ok_or(Error::Unsupported("listing sessions"))
    }
}
