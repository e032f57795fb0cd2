//! Live objects of the sessions of a shard.

use std::{collections::HashMap, fmt};

use session_core::{Key, Object};

/// The live objects of one session, by name.
pub(crate) struct Named(HashMap<String, Object>);

/// The live objects of the sessions of a shard.
///
/// They lie beside the slots and not in them, because few sessions have any.
#[derive(Debug, Default)]
pub(crate) struct LiveObjects {
    by_session: HashMap<Key, Named>,
}

impl LiveObjects {
    /// Keeps `object` by `name` with the session, and returns the one it replaces.
    pub(crate) fn put(&mut self, session: &Key, name: &str, object: Object) -> Option<Object> {
        let named = self.by_session.entry(*session).or_insert_with(|| Named(HashMap::new()));
        named.0.insert(name.to_owned(), object)
    }

    /// Returns the object called `name` of the session.
    pub(crate) fn get(&self, session: &Key, name: &str) -> Option<Object> {
        self.by_session.get(session)?.0.get(name).cloned()
    }

    /// Takes the object called `name` from the session.
    pub(crate) fn remove(&mut self, session: &Key, name: &str) -> Option<Object> {
        let named = self.by_session.get_mut(session)?;
        let object = named.0.remove(name);
        if named.0.is_empty() {
            self.by_session.remove(session);
        }
        object
    }

    /// Takes all objects of a session that has ended.
    pub(crate) fn end(&mut self, session: &Key) -> Option<Named> {
        self.by_session.remove(session)
    }
}

impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names may say something about a user, and the objects have no `Debug`.
        f.debug_struct("Named").field("len", &self.0.len()).finish()
    }
}
