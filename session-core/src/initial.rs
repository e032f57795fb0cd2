//! What a new session starts from.

use std::{fmt, sync::Arc};

use serde::Serialize;

use crate::{
    Result,
    frame::{Values, View},
    value,
};

type Closure = Arc<dyn Fn(&mut Initial) -> Result<()> + Send + Sync>;

/// The values of a new session while an initializer fills them.
///
/// See [`Sessions::initializer`](crate::Sessions::initializer).
#[derive(Debug, Default)]
pub struct Initial(View);

impl Initial {
    /// Lets new sessions start with `value` under `name`.
    ///
    /// # Errors
    ///
    /// [`Error::Unserialisable`](crate::Error::Unserialisable) when the value does not serialise.
    pub fn insert<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<()> {
        self.0.insert(name.into(), value::encode(name, value)?);
        Ok(())
    }
}

/// Makes the values of new sessions: the fixed ones, then those of a closure.
#[derive(Clone, Default)]
pub(crate) struct Initializer {
    fixed: View,
    closure: Option<Closure>,
}

impl Initializer {
    pub(crate) fn insert<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<()> {
        self.fixed.insert(name.into(), value::encode(name, value)?);
        Ok(())
    }

    pub(crate) fn set_closure(&mut self, closure: Closure) {
        self.closure = Some(closure);
    }

    /// Returns the values of one new session.
    pub(crate) fn values(&self) -> Result<Values> {
        let mut initial = Initial(self.fixed.clone());
        if let Some(closure) = &self.closure {
            closure(&mut initial)?;
        }
        Ok(initial.0.encode())
    }
}

impl fmt::Debug for Initializer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Initializer").finish_non_exhaustive()
    }
}
