//! Listing sessions.

use async_trait::async_trait;

use crate::{Key, Owner, Result, Stored, Timestamp};

/// Lists the live sessions of a store, for "your devices" pages and administrators.
///
/// # Contract
///
/// Dead sessions are never listed nor counted. A damaged record is left out and does not hide the others.
#[async_trait]
pub trait Directory: Send + Sync {
    /// Returns at most `limit` live sessions in ascending order of their keys, from the first one after `after`.
    ///
    /// A session that is live throughout is seen exactly once by someone who passes the last key of each page to the
    /// next call, whatever happens to the other sessions meanwhile. `after` need not exist. A `limit` of 0 is an
    /// empty page.
    ///
    /// # Errors
    ///
    /// [`Error::Backend`](crate::Error::Backend) when the medium failed.
    async fn page(&self, after: Option<&Key>, limit: usize, now: Timestamp) -> Result<Vec<(Key, Stored)>>;

    /// Returns all live sessions of `owner` in ascending order of their keys.
    ///
    /// A session that is the owner's throughout the call is never missed, also while it is saved or touched. Those on the
    /// list were all there at one instant. A store may say in its documentation that it leaves out a session which gets its owner
    /// during the call, and that it gives up to find an instant where the owner's sessions are written without a pause.
    ///
    /// # Errors
    ///
    /// [`Error::Backend`](crate::Error::Backend) when the medium failed.
    async fn owned_by(&self, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>>;

    /// Returns how many sessions are live.
    ///
    /// # Errors
    ///
    /// [`Error::Backend`](crate::Error::Backend) when the medium failed.
    async fn count(&self, now: Timestamp) -> Result<u64>;
}
