//! Live objects beside the sessions.

use session_core::{Error, Key, Object, Result, Timestamp};

use crate::reference::Sessions;

impl Sessions {
    pub(crate) fn put(
        &mut self,
        key: &Key,
        name: &str,
        object: Object,
        now: Timestamp,
    ) -> Result<Option<Object>> {
        if self.live(key, now).is_none() {
            self.gone.push(object);
            return Err(Error::Missing);
        }
        Ok(self.objects.insert((*key, name.to_owned()), object))
    }

    pub(crate) fn object(&self, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        self.live(key, now)?;
        self.objects.get(&(*key, name.to_owned())).cloned()
    }

    pub(crate) fn remove(&mut self, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        self.live(key, now)?;
        self.objects.remove(&(*key, name.to_owned()))
    }
}
