//! Where a case keeps its sessions.

use std::{
    env, fmt, fs,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use session_core::{Result, Revision};

/// Where one run of one case keeps its sessions: a name no other run uses, in this process or in another.
///
/// It is made of lowercase letters, digits and underscores, begins with a letter and has at most 48 characters, so it
/// serves as a folder, a table or a prefix. Whatever a backend opens for it must touch nothing outside of it,
/// because cases run in parallel.
///
/// A second process opens a namespace by its name alone, so the place must follow from that and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Namespace(String);

impl Namespace {
    /// Returns a namespace that nobody used before.
    pub(crate) fn unique(case_id: &str) -> Result<Self> {
        let case = case_id.to_lowercase().replace('-', "_");
        // The core draws its first revisions from the operating system: random numbers without a dependency.
        Ok(Self(format!("{case}_{:016x}", Revision::first()?.as_i64())))
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

    /// Returns a folder for this namespace alone, where stores on a disk may keep their files.
    ///
    /// It lies where the system keeps temporary files. It is created when it is first asked for, closed to other users, and
    /// removed with all that is in it when the case has ended. Whatever keeps it from being created shows when the
    /// store is opened in it.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        let path = self.path();
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // It is there when it was asked for before.
        let _ = builder.create(&path);
        path
    }

    /// Removes the folder, if there is one.
    pub(crate) fn remove_folder(&self) {
        let _ = fs::remove_dir_all(self.path());
    }

    fn path(&self) -> PathBuf {
        env::temp_dir().join(format!("conformance-{}", self.0))
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The namespaces that a case has opened. Their folders go with it, however the case ends.
#[derive(Debug, Default)]
pub(crate) struct Namespaces(Mutex<Vec<Namespace>>);

impl Namespaces {
    /// Returns a namespace that nobody used before.
    pub(crate) fn unique(&self, case_id: &str) -> Result<Namespace> {
        let namespace = Namespace::unique(case_id)?;
        self.lock().push(namespace.clone());
        Ok(namespace)
    }

    /// Forgets a namespace that was removed already.
    pub(crate) fn forget(&self, namespace: &Namespace) {
        self.lock().retain(|open| open != namespace);
    }

    /// Returns the last one that is left.
    pub(crate) fn last(&self) -> Option<Namespace> {
        self.lock().last().cloned()
    }

    /// Removes the folders of all that are left.
    pub(crate) fn remove_folders(&self) {
        self.lock().iter().for_each(Namespace::remove_folder);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Namespace>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        self.remove_folders();
    }
}
