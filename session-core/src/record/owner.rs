//! Whose session it is.

use std::{fmt, sync::Arc};

use crate::{Error, Result};

/// Whose session it is: the application's own name for a user, such as an account number.
///
/// From 1 to 255 bytes of UTF-8, so that every store can index it. Two owners are the same when their bytes are.
/// `Debug` is redacted, because an e-mail address is a common choice and log files are read by many.
///
/// ```
/// use session_core::Owner;
///
/// assert_eq!(Owner::new("user-42")?.as_str(), "user-42");
/// assert!(Owner::new("").is_err());
/// # Ok::<(), session_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(Arc<str>);

impl Owner {
    /// The most bytes an owner may have.
    pub const MAX_BYTES: usize = 255;

    /// Returns the owner called `name`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when `name` is empty or longer than [`Owner::MAX_BYTES`].
    pub fn new(name: &str) -> Result<Self> {
        match name.len() {
            0 => Err(Error::Invalid { what: "owner", why: "it is empty" }),
            1..=Self::MAX_BYTES => Ok(Self(name.into())),
            _ => Err(Error::Invalid { what: "owner", why: "it has more than 255 bytes" }),
        }
    }

    /// Returns the name the owner was made of.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Owner(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_read_as_it_was_named_and_debug_does_not_say_who() {
        let owner = Owner::new("ada").unwrap();
        assert_eq!((owner.as_str(), format!("{owner:?}").as_str()), ("ada", "Owner(..)"));
    }
}
