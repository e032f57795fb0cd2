//! The backends of our own stores, for tests and for the program `certify`.
//!
//! A store is one file here and one line in the list.

use crate::{BoxFuture, Capabilities, Options, Report, check};

/// A store that can be certified.
pub struct Certifiable {
    /// The name of the store, such as `store-disk`.
    pub name: &'static str,
    /// What the store claims.
    pub caps: Capabilities,
    /// Runs the suite on it.
    pub check: fn(Options) -> BoxFuture<'static, Report>,
}

impl std::fmt::Debug for Certifiable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Certifiable({})", self.name)
    }
}

/// Declares the files of the stores, and makes the list out of their backends.
macro_rules! stores {
    ($($file:ident: $($backend:ident)+;)*) => {
        $(mod $file; pub use self::$file::{$($backend),+};)*

        /// All stores that can be certified.
        pub static ALL: &[Certifiable] = &[$($(
            Certifiable {
                name: <$backend as crate::Backend>::NAME,
                caps: <$backend as crate::Backend>::CAPS,
                check: |options| Box::pin(check($backend::default(), options)),
            },
        )+)*];
    };
}

stores! {
    memory: Memory;
    disk: Disk;
    shelf: Shelf;
    sqlite: Sqlite;
    sql: Postgres MariaDb;
}
