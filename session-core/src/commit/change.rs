//! One change that a handle wants to make.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;

use crate::{Owner, Result};

/// Computes the new bytes of a value from the present ones.
pub(crate) type Closure = Arc<dyn Fn(Option<&[u8]>) -> Result<Bytes> + Send + Sync>;

/// One change that a handle wants to make, in a form that can be replayed on newer data.
#[derive(Clone)]
pub(crate) enum Change {
    Insert(Arc<str>, Bytes),
    Remove(Arc<str>),
    /// Removes the value if it is still the one that was taken.
    Take(Arc<str>, Bytes),
    Update(Arc<str>, Closure),
    Clear,
    Label(Option<String>),
    Timeout(Option<Duration>),
    Rotate,
    Login(Owner),
}

impl Change {
    /// Returns whether the change is of the application's values alone.
    pub(crate) fn is_of_a_value(&self) -> bool {
        matches!(self, Self::Insert(..) | Self::Remove(_) | Self::Take(..) | Self::Update(..) | Self::Clear)
    }

    /// Returns whether the change alone is worth storing a session that is new.
    pub(crate) fn is_about_the_session(&self) -> bool {
        matches!(self, Self::Label(_) | Self::Timeout(_) | Self::Login(_))
    }

    /// Returns whether the change puts a new secret in force.
    pub(crate) fn renews_the_ticket(&self) -> bool {
        matches!(self, Self::Rotate | Self::Login(_))
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Insert(..) => "Insert",
            Self::Remove(_) => "Remove",
            Self::Take(..) => "Take",
            Self::Update(..) => "Update",
            Self::Clear => "Clear",
            Self::Label(_) => "Label",
            Self::Timeout(_) => "Timeout",
            Self::Rotate => "Rotate",
            Self::Login(_) => "Login",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_says_which_change_it_is_and_shows_no_name_and_no_value() {
        let (name, bytes) = (|| Arc::from("name"), || Bytes::from_static(b"value"));
        let closure: Closure = Arc::new(|_| Ok(Bytes::new()));
        let changes = [
            Change::Insert(name(), bytes()),
            Change::Remove(name()),
            Change::Take(name(), bytes()),
            Change::Update(name(), closure),
            Change::Clear,
            Change::Label(Some("Firefox".into())),
            Change::Timeout(None),
            Change::Rotate,
            Change::Login(Owner::new("ada").unwrap()),
        ];
        assert_eq!(
            format!("{changes:?}"),
            "[Insert, Remove, Take, Update, Clear, Label, Timeout, Rotate, Login]"
        );
    }
}
