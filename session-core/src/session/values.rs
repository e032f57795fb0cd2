//! Reading and writing values.

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};

use super::{Session, nested};
use crate::{
    Result,
    commit::{Change, Closure},
    value,
};

impl Session {
    /// Returns the value called `name`, or `None` when there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Type`](crate::Error::Type) when the value is not a `T`.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let bytes = self.state().view.find(name);
        bytes.map(|bytes| value::decode(name, &bytes)).transpose()
    }

    /// Sets the value called `name`. When two requests insert one name, the later commit wins.
    ///
    /// # Errors
    ///
    /// [`Error::Unserialisable`](crate::Error::Unserialisable) when `value` does not serialise.
    pub fn insert<T: Serialize + ?Sized>(&self, name: &str, value: &T) -> Result<()> {
        let (bytes, name) = (value::encode(name, value)?, Arc::<str>::from(name));
        let mut state = self.state();
        state.edit().insert(name.clone(), bytes.clone());
        state.push(Change::Insert(name, bytes));
        Ok(())
    }

    /// Changes the value called `name`, which starts from its default when there is none.
    ///
    /// The change adds up with those of other requests: it is run again on the newest value if one of them was faster,
    /// maybe on another thread, so it must depend on that value alone. It may read a session, but change none: that
    /// would happen at every run.
    ///
    /// ```
    /// # fn run(session: &session_core::Session) -> session_core::Result<()> {
    /// session.update("cart", |cart: &mut Vec<String>| cart.push("apples".into()))?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Type`](crate::Error::Type) when the value is not a `T`,
    /// [`Error::Unserialisable`](crate::Error::Unserialisable) when the new one does not serialise,
    /// [`Error::Nested`](crate::Error::Nested) when the closure has changed a session.
    pub fn update<T, F>(&self, name: &str, change: F) -> Result<()>
    where
        T: Serialize + DeserializeOwned + Default,
        F: Fn(&mut T) + Send + Sync + 'static,
    {
        let name: Arc<str> = name.into();
        let closure = closure(name.clone(), change);
        // The closure runs outside the lock; if a clone of this handle was faster, it runs again.
        loop {
            let present = self.state().view.find(&name);
            let bytes = closure(present.as_deref())?;
            let mut state = self.state();
            if state.view.find(&name) == present {
                state.edit().insert(name.clone(), bytes);
                state.push(Change::Update(name, closure));
                return Ok(());
            }
        }
    }

    /// Removes the value called `name`.
    pub fn remove(&self, name: &str) {
        let name: Arc<str> = name.into();
        let mut state = self.state();
        state.edit().remove(name.clone());
        state.push(Change::Remove(name));
    }

    /// Removes the value called `name` and returns it.
    ///
    /// A newer value that another request sets meanwhile is spared. Two requests may take the same value; where that
    /// matters, `update`, commit, and then look.
    ///
    /// # Errors
    ///
    /// [`Error::Type`](crate::Error::Type) when the value is not a `T`: it stays.
    pub fn take<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let Some(bytes) = self.state().view.find(name) else { return Ok(None) };
        let taken = value::decode(name, &bytes)?;
        let name: Arc<str> = name.into();
        let mut state = self.state();
        if state.view.find(&name).as_ref() == Some(&bytes) {
            state.edit().remove(name.clone());
        }
        state.push(Change::Take(name, bytes));
        Ok(Some(taken))
    }

    /// Removes all values.
    pub fn clear(&self) {
        let mut state = self.state();
        state.edit().clear();
        state.push(Change::Clear);
    }

    /// Returns whether there is a value called `name`.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.state().view.find(name).is_some()
    }

    /// Returns the names of all values, in ascending order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let values = self.state().view.encode();
        values.pairs().map(|(name, _)| String::from_utf8_lossy(name).into_owned()).collect()
    }

    /// Returns how many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state().view.encode().pairs().count()
    }

    /// Returns whether there are no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn closure<T, F>(name: Arc<str>, change: F) -> Closure
where
    T: Serialize + DeserializeOwned + Default,
    F: Fn(&mut T) + Send + Sync + 'static,
{
    Arc::new(move |present| {
        let mut value = present.map(|bytes| value::decode(&name, bytes)).transpose()?.unwrap_or_default();
        nested::watch(&name, || change(&mut value))?;
        value::encode(&name, &value)
    })
}
