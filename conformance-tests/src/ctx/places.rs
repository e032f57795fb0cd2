//! Where a case keeps its sessions: stores that it opens, and what lies under them.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use session_core::{Directory, Error, Result, Store};

use super::Ctx;
use crate::{
    backend::{Medium, Opener},
    either_way::open,
    namespace::Namespace,
    outcome::{Outcome, Stop},
    process::{Remote, Second, Start},
    stopwatch::Stopwatch,
};

impl Ctx {
    /// Returns the facet that lists sessions; for cases that need `directory`.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when it is not there although it was claimed.
    pub fn directory(&self) -> Outcome<&dyn Directory> {
        directory_of(self.store())
    }

    /// Opens the namespace of this case once more; for cases that need `shared`.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when it cannot be opened.
    pub async fn open_again(&self) -> Outcome<Arc<dyn Store>> {
        Ok(open(&*self.opener, &self.namespace, None).await?)
    }

    /// Opens an empty store in a namespace of its own, which has nothing to do with the store of this case.
    ///
    /// A case that needs `reopen` drops it and goes on with [`open_namespace`](Ctx::open_namespace).
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when it cannot be opened.
    pub async fn open_other(&self) -> Outcome<(Namespace, Arc<dyn Store>)> {
        let namespace = self.new_namespace()?;
        let store = open(&*self.opener, &namespace, None).await?;
        Ok((namespace, store))
    }

    /// Opens an empty store that holds at most `max_sessions`; for cases that need `cap`.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when it cannot be opened.
    pub async fn open_capped(&self, max_sessions: usize) -> Outcome<Arc<dyn Store>> {
        Ok(open(&*self.opener, &self.new_namespace()?, Some(max_sessions)).await?)
    }

    /// Opens `namespace`, with a cap if there is one.
    pub(crate) async fn open_with(
        &self,
        namespace: &Namespace,
        cap: Option<usize>,
    ) -> Outcome<Arc<dyn Store>> {
        Ok(open(&*self.opener, namespace, cap).await?)
    }

    /// Opens `namespace`, which an earlier call named.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when it cannot be opened.
    pub async fn open_namespace(&self, namespace: &Namespace) -> Outcome<Arc<dyn Store>> {
        Ok(open(&*self.opener, namespace, None).await?)
    }

    /// Returns a namespace that was never opened.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when the operating system gives no random bytes.
    pub fn new_namespace(&self) -> Outcome<Namespace> {
        Ok(self.namespaces.unique(self.case.id)?)
    }

    /// Removes a namespace that was opened and is not in use any more.
    pub async fn discard(&self, namespace: &Namespace) {
        self.namespaces.forget(namespace);
        discard(&*self.opener, namespace).await;
    }

    /// Returns the folder of a namespace; for cases that need `folder`.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when there is none although it was claimed.
    pub fn folder_of(&self, namespace: &Namespace) -> Outcome<PathBuf> {
        self.opener.folder(namespace).ok_or_else(|| claimed("folder"))
    }

    /// Starts a second process, in which stores of the same kind can be opened.
    pub(crate) async fn second_process(&self) -> Outcome<Second> {
        Second::start(&self.rerun, self.opener.name(), Start::Plain).await
    }

    /// Starts one whose files may be limited.
    pub(crate) async fn second_process_outliving_limits(&self) -> Outcome<Second> {
        Second::start(&self.rerun, self.opener.name(), Start::OutlivingLimits).await
    }

    /// Opens a namespace in a second process, as soon as the last handle that was dropped here has closed.
    pub(crate) async fn open_in(&self, second: &Second, namespace: &Namespace) -> Outcome<Arc<Remote>> {
        let watch = Stopwatch::start();
        loop {
            match second.open(namespace).await {
                Err(Error::Backend { .. }) if watch.elapsed() < self.patience && !self.caps().shared => {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                opened => return Ok(opened?),
            }
        }
    }

    /// Returns the address of the server; for cases that need `server`.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when there is none although it was claimed.
    pub fn server(&self) -> Outcome<SocketAddr> {
        self.opener.server().ok_or_else(|| claimed("server"))
    }

    /// Opens `namespace` through `address` in place of the server's own, with `limit` for every call; for cases that
    /// need `server`.
    ///
    /// # Errors
    ///
    /// What the store answers.
    pub async fn open_through(
        &self,
        namespace: &Namespace,
        address: SocketAddr,
        limit: Duration,
    ) -> Result<Arc<dyn Store>> {
        self.opener.open_through(namespace, address, limit).await
    }

    /// Returns where this case keeps its sessions.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Returns the folder of this case; for cases that need `folder`.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when there is none although it was claimed.
    pub fn folder(&self) -> Outcome<PathBuf> {
        self.folder_of(&self.namespace)
    }

    /// Returns what lies under the store of this case; for cases that need `medium`.
    ///
    /// # Errors
    ///
    /// [`Stop::Failed`] when there is none although it was claimed.
    pub fn medium(&self) -> Outcome<Box<dyn Medium>> {
        self.medium_of(&self.namespace)
    }

    /// Returns what lies under a store that is or was open in `namespace`.
    pub(crate) fn medium_of(&self, namespace: &Namespace) -> Outcome<Box<dyn Medium>> {
        self.opener.medium(namespace).ok_or_else(|| claimed("medium"))
    }
}

/// Returns the facet of `store` that lists sessions.
pub(crate) fn directory_of(store: &dyn Store) -> Outcome<&dyn Directory> {
    store.directory().ok_or_else(|| claimed("directory"))
}

/// Removes what a namespace has left.
pub(crate) async fn discard(opener: &dyn Opener, namespace: &Namespace) {
    opener.discard(namespace).await;
    namespace.remove_folder();
}

fn claimed(what: &str) -> Stop {
    Stop::Failed(format!("the store claims `{what}` and gives none"))
}
