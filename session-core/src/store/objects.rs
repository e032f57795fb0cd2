//! Live objects, which only a store in memory can keep.

use std::{any::Any, sync::Arc};

use crate::{Key, Result, Timestamp};

/// A live object: anything the program shares between requests, such as a connection or a channel.
pub type Object = Arc<dyn Any + Send + Sync>;

/// Keeps live objects beside the sessions they belong to.
///
/// # Contract
///
/// An object is gone with its session, however that ends, and is dropped outside every lock of the store. Objects
/// are no part of the record: they have no revision, and the last one put under a name wins.
pub trait Objects: Send + Sync {
    /// Keeps `object` by `name` with the live session under `key`, and returns the one it replaces.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`](crate::Error::Missing) when no live session has this key.
    fn put(&self, key: &Key, name: &str, object: Object, now: Timestamp) -> Result<Option<Object>>;

    /// Returns the object called `name` of the live session under `key`.
    fn get(&self, key: &Key, name: &str, now: Timestamp) -> Option<Object>;

    /// Removes the object called `name` from the live session under `key`, and returns it.
    fn remove(&self, key: &Key, name: &str, now: Timestamp) -> Option<Object>;
}
