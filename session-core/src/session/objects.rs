//! Live objects, on stores that keep them.

use std::{any::Any, sync::Arc};

use super::{Place, Session, State};
use crate::{Error, Key, Objects, Result};

impl Session {
    /// Keeps a live `object` with the stored session, from now on and until the session ends.
    ///
    /// Objects are not part of a commit: nothing merges or replays them, and the last one under a name wins.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] on a store that keeps bytes alone, [`Error::Missing`] when the session is not stored (yet:
    /// commit first), or was killed.
    pub fn insert_object<T: Any + Send + Sync>(&self, name: &str, object: Arc<T>) -> Result<()> {
        let (objects, key) = self.objects()?;
        objects.put(&key, name, object, self.context().now()).map(drop)
    }

    /// Returns the live object called `name`, or `None` when there is none.
    ///
    /// # Errors
    ///
    /// As [`insert_object`](Session::insert_object); [`Error::Type`] when the object is not a `T`.
    pub fn object<T: Any + Send + Sync>(&self, name: &str) -> Result<Option<Arc<T>>> {
        let (objects, key) = self.objects()?;
        let Some(object) = objects.get(&key, name, self.context().now()) else { return Ok(None) };
        object.downcast().map(Some).map_err(|_| Error::Type {
            name: name.into(),
            found: "another object".into(),
            wanted: std::any::type_name::<T>(),
        })
    }

    /// Drops the live object called `name`.
    ///
    /// # Errors
    ///
    /// As [`insert_object`](Session::insert_object).
    pub fn remove_object(&self, name: &str) -> Result<()> {
        let (objects, key) = self.objects()?;
        drop(objects.remove(&key, name, self.context().now()));
        Ok(())
    }

    fn objects(&self) -> Result<(&dyn Objects, Key)> {
        let objects =
            self.context().store.objects().ok_or(Error::Unsupported("live objects, store-memory does"))?;
        match &*self.state() {
            State { place: Place::Stored(hold), killing: false, .. } => Ok((objects, hold.key)),
            _ => Err(Error::Missing),
        }
    }
}
