//! Looking into a record without a ticket.

use serde::de::DeserializeOwned;

use crate::{Key, Result, Stored, frame, value};

impl Stored {
    /// Returns the value called `name` of the session that is stored under `key`, or `None` when there is none.
    ///
    /// For those who look at a store as a whole, as [`Directory::page`](crate::Directory::page) shows it: a report, a
    /// page for administrators. It needs no ticket, so it is not for answering a visitor's request.
    ///
    /// ```
    /// # use session_core::{Config, Directory, Sessions, Store, Timestamp};
    /// # pollster::block_on(async {
    /// let store = store_memory::MemoryStore::new();
    /// let sessions = Sessions::new(store.clone(), Config::default())?;
    /// let session = sessions.open(&[] as &[&str], None).await?;
    /// session.insert("theme", "dark")?;
    /// session.commit().await?;
    ///
    /// for (key, stored) in store.page(None, 100, Timestamp::EPOCH).await? {
    ///     assert_eq!(stored.value::<String>(&key, "theme")?.as_deref(), Some("dark"));
    /// }
    /// # Ok::<(), session_core::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`](crate::Error::Corrupt) when the record is damaged, or another session's;
    /// [`Error::Type`](crate::Error::Type) when the value is not a `T`.
    pub fn value<T: DeserializeOwned>(&self, key: &Key, name: &str) -> Result<Option<T>> {
        let (_, values) = frame::decode(key, &self.record.data)?;
        values.find(name).map(|bytes| value::decode(name, &bytes)).transpose()
    }
}
