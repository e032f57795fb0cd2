//! A struct as a part of the session.

use std::marker::PhantomData;

use serde::{Serialize, de::DeserializeOwned};

use super::Session;
use crate::Result;

/// A type that is a part of the session, under one name.
///
/// The name stands with the type, so that no two places spell it differently. The default is what a visitor has of whom
/// nothing is kept; reading it stores nothing.
///
/// # When the type changes between two deploys
///
/// A value is kept with the names of its fields, and read by them:
///
/// | the struct | what is read of a value from before |
/// |---|---|
/// | gained a field | the field's default, with `#[serde(default)]` on the struct or the field; else [`Error::Type`] |
/// | lost a field | everything else |
/// | renamed a field | as gained and lost, or the value with `#[serde(alias = "old_name")]` |
/// | changed a field's type | the value where the old one fits (`u32` into `u64`, `T` into `Option<T>`); else [`Error::Type`] |
///
/// What cannot be read stays as it is, until [`reset`](TypedValue::reset) or [`replace`](TypedValue::replace). While
/// two deploys run side by side, the older one drops the fields it does not know whenever it updates the value, unless
/// the struct keeps them: `#[serde(flatten)] rest: BTreeMap<String, serde_json::Value>`.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use session_core::Typed;
///
/// #[derive(Default, Serialize, Deserialize)]
/// #[serde(default)]
/// struct Login {
///     attempts: u32,
///     name: Option<String>,
/// }
///
/// impl Typed for Login {
///     const NAME: &'static str = "login";
/// }
///
/// # fn run(session: &session_core::Session) -> session_core::Result<()> {
/// let login = session.typed::<Login>();
/// login.update(|login| login.attempts += 1)?;
/// assert!(login.read()?.attempts > 0);
/// # Ok(()) }
/// ```
///
/// [`Error::Type`]: crate::Error::Type
pub trait Typed: Serialize + DeserializeOwned + Default {
    /// The name of the value, which the other methods of [`Session`] know it by as well.
    const NAME: &'static str;
}

/// A typed part of a session; [`Session::typed`] returns it.
///
/// It reads and changes the session it comes from: changes are kept with that session's next commit.
#[derive(Debug)]
pub struct TypedValue<'a, T> {
    session: &'a Session,
    of: PhantomData<fn() -> T>,
}

impl Session {
    /// Returns the part of the session that is a `T`.
    ///
    /// ```
    /// use serde::{Deserialize, Serialize};
    /// use session_core::{Config, Sessions, Typed};
    ///
    /// #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    /// #[serde(default)]
    /// struct Cart {
    ///     items: Vec<String>,
    ///     gift: bool,
    /// }
    ///
    /// impl Typed for Cart {
    ///     const NAME: &'static str = "cart";
    /// }
    ///
    /// # pollster::block_on(async {
    /// let sessions = Sessions::new(store_memory::MemoryStore::new(), Config::default())?;
    /// let session = sessions.open(&[] as &[&str], None).await?;
    ///
    /// let cart = session.typed::<Cart>();
    /// assert_eq!(cart.read()?, Cart::default());
    /// cart.update(|cart| cart.items.push("apples".into()))?;
    /// cart.update(|cart| cart.gift = true)?;
    /// assert_eq!(cart.read()?, Cart { items: vec!["apples".into()], gift: true });
    /// session.commit().await?;
    /// # Ok::<(), session_core::Error>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn typed<T: Typed>(&self) -> TypedValue<'_, T> {
        TypedValue { session: self, of: PhantomData }
    }
}

impl<T: Typed> TypedValue<'_, T> {
    /// Returns the value, or its default when nothing is kept.
    ///
    /// # Errors
    ///
    /// [`Error::Type`](crate::Error::Type) when what is kept is not a `T`.
    pub fn read(&self) -> Result<T> {
        Ok(self.session.get(T::NAME)?.unwrap_or_default())
    }

    /// Changes the value, which starts from its default when nothing is kept.
    ///
    /// Two requests that change it at the same time both count, whichever fields they change: the closure is run again
    /// on the newest value, as [`Session::update`] says, so it must depend on that value alone.
    ///
    /// # Errors
    ///
    /// As [`Session::update`].
    pub fn update<F>(&self, change: F) -> Result<()>
    where
        F: Fn(&mut T) + Send + Sync + 'static,
    {
        self.session.update(T::NAME, change)
    }

    /// Puts `value` in the place of whatever is kept, also of what is no `T`. Of two requests that replace it, the later
    /// commit wins.
    ///
    /// # Errors
    ///
    /// [`Error::Unserialisable`](crate::Error::Unserialisable) when `value` does not serialise.
    pub fn replace(&self, value: &T) -> Result<()> {
        self.session.insert(T::NAME, value)
    }

    /// Removes the value, so that the default is read.
    pub fn reset(&self) {
        self.session.remove(T::NAME);
    }
}

// By hand: a derived one would ask the same of `T`.
impl<T> Clone for TypedValue<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for TypedValue<'_, T> {}
