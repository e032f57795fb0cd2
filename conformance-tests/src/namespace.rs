//! Where a case keeps its sessions.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

/// Where one run of one case keeps its sessions: a name no other run uses.
///
/// It is made of lowercase letters, digits and underscores, begins with a letter and has at most 48 characters, so it
/// serves as a folder, a table or a prefix. Whatever a backend opens for it must touch nothing outside of it,
/// because cases run in parallel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Namespace(String);

impl Namespace {
    /// Returns a namespace that nobody used before, neither in this process nor in another.
    pub(crate) fn unique(case_id: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let case = case_id.to_lowercase().replace('-', "_");
        Self(format!("{case}_{}_{number}", std::process::id()))
    }

    /// Returns the namespace that another process was told of.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
