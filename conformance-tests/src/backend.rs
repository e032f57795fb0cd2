//! How the suite opens a store.

use std::{future::Future, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use session_core::{Error, Key, Result, Store};

use crate::{capabilities::Capabilities, case::BoxFuture, exception::Exception, namespace::Namespace};

/// Opens stores of one kind for the suite.
///
/// A plain store needs three items:
///
/// ```
/// use std::sync::Arc;
///
/// use conformance_tests::{Backend, Capabilities, Namespace};
/// use session_core::{Result, Store};
/// use store_memory::MemoryStore;
///
/// struct Memory;
///
/// impl Backend for Memory {
///     const NAME: &'static str = "store-memory";
///     const CAPS: Capabilities = Capabilities::PLAIN.directory().objects();
///
///     async fn open(&self, _: &Namespace) -> Result<Arc<dyn Store>> {
///         Ok(Arc::new(MemoryStore::new()))
///     }
/// }
/// ```
pub trait Backend: Send + Sync + 'static {
    /// The name of the store in reports, such as `store-disk`.
    const NAME: &'static str;

    /// What the store claims.
    const CAPS: Capabilities;

    /// The cases that the store does not fit by design, each with the reason.
    const EXCEPTIONS: &'static [Exception] = &[];

    /// Opens the namespace, which is empty when it is opened for the first time.
    ///
    /// A store that claims `reopen` finds the sessions of the first time when it is opened again, after all handles
    /// were dropped; one that claims `shared` may be opened again at any time.
    fn open(&self, namespace: &Namespace) -> impl Future<Output = Result<Arc<dyn Store>>> + Send;

    /// Opens the namespace with a cap of this many sessions, for a store that claims `cap`.
    ///
    /// A creation at the cap makes room: the dead go first, in the order of their ends, then the sessions without an owner and last those
    /// with one, each in the order of their last access. It never evicts what it creates; no save, touch or delete evicts.
    ///
    /// The dead take up room until they are swept or make it. A namespace may have more sessions than the cap, if it was opened with a
    /// larger one before: the next creation or sweep evicts those that are too many, or so many of them as it can at once. What other
    /// handles and processes do may be counted from the next sweep on.
    fn open_capped(
        &self,
        _namespace: &Namespace,
        _max_sessions: usize,
    ) -> impl Future<Output = Result<Arc<dyn Store>>> + Send {
        async { Err(Error::Unsupported("a cap")) }
    }

    /// Returns the folder of the namespace, for a store that claims `folder`, also before it was opened.
    ///
    /// All files of the store are in it, so that a copy of it is a copy of the store.
    fn folder(&self, _namespace: &Namespace) -> Option<PathBuf> {
        None
    }

    /// Returns what lies under the namespace, for a store that claims `medium`.
    fn medium(&self, _namespace: &Namespace) -> Option<Box<dyn Medium>> {
        None
    }

    /// Removes what the namespace has left, such as a table, when its case has ended.
    ///
    /// [`Namespace::folder`] is removed by the suite.
    fn discard(&self, _namespace: &Namespace) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Returns the address of the server, for a store that claims `server`.
    fn server(&self) -> Option<SocketAddr> {
        None
    }

    /// Opens the namespace through `address`, which stands for the server's own, for a store that claims `server`. A call
    /// gives up when the server has not answered within `limit`.
    ///
    /// What answers there breaks connections after any byte, says nothing, or is not there.
    fn open_through(
        &self,
        _namespace: &Namespace,
        _address: SocketAddr,
        _limit: Duration,
    ) -> impl Future<Output = Result<Arc<dyn Store>>> + Send {
        async { Err(Error::Unsupported("another way to its server")) }
    }

    /// Returns why this machine cannot run the store, such as a server that is not there; its cases are then not run.
    fn absence(&self) -> Option<String> {
        None
    }
}

/// What lies under a store: the bytes of its records, for cases that damage them.
pub trait Medium: Send + Sync {
    /// Returns the bytes that are kept under `key`.
    ///
    /// # Errors
    ///
    /// Whatever kept them from being read.
    fn read(&self, key: &Key) -> std::io::Result<Vec<u8>>;

    /// Puts `bytes` where the record of `key` is kept, whatever was there.
    ///
    /// # Errors
    ///
    /// Whatever kept them from being written.
    fn write(&self, key: &Key, bytes: &[u8]) -> std::io::Result<()>;
}

/// A [`Backend`] behind a pointer, so that cases are compiled once and not for each store.
pub(crate) trait Opener: Send + Sync {
    fn name(&self) -> &'static str;
    fn caps(&self) -> Capabilities;
    fn exceptions(&self) -> &'static [Exception] {
        &[]
    }
    fn open<'a>(&'a self, namespace: &'a Namespace) -> BoxFuture<'a, Result<Arc<dyn Store>>>;
    fn open_capped<'a>(
        &'a self,
        namespace: &'a Namespace,
        max_sessions: usize,
    ) -> BoxFuture<'a, Result<Arc<dyn Store>>>;
    fn folder(&self, namespace: &Namespace) -> Option<PathBuf>;
    fn medium(&self, namespace: &Namespace) -> Option<Box<dyn Medium>>;
    fn discard<'a>(&'a self, _namespace: &'a Namespace) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }
    fn server(&self) -> Option<SocketAddr> {
        None
    }
    fn open_through<'a>(
        &'a self,
        _namespace: &'a Namespace,
        _address: SocketAddr,
        _limit: Duration,
    ) -> BoxFuture<'a, Result<Arc<dyn Store>>> {
        Box::pin(async { Err(Error::Unsupported("another way to its server")) })
    }
    fn absence(&self) -> Option<String> {
        None
    }
}

impl<B: Backend> Opener for B {
    fn name(&self) -> &'static str {
        B::NAME
    }

    fn caps(&self) -> Capabilities {
        B::CAPS
    }

    fn exceptions(&self) -> &'static [Exception] {
        B::EXCEPTIONS
    }

    fn open<'a>(&'a self, namespace: &'a Namespace) -> BoxFuture<'a, Result<Arc<dyn Store>>> {
        Box::pin(Backend::open(self, namespace))
    }

    fn open_capped<'a>(
        &'a self,
        namespace: &'a Namespace,
        max_sessions: usize,
    ) -> BoxFuture<'a, Result<Arc<dyn Store>>> {
        Box::pin(Backend::open_capped(self, namespace, max_sessions))
    }

    fn folder(&self, namespace: &Namespace) -> Option<PathBuf> {
        Backend::folder(self, namespace)
    }

    fn medium(&self, namespace: &Namespace) -> Option<Box<dyn Medium>> {
        Backend::medium(self, namespace)
    }

    fn discard<'a>(&'a self, namespace: &'a Namespace) -> BoxFuture<'a, ()> {
        Box::pin(Backend::discard(self, namespace))
    }

    fn server(&self) -> Option<SocketAddr> {
        Backend::server(self)
    }

    fn open_through<'a>(
        &'a self,
        namespace: &'a Namespace,
        address: SocketAddr,
        limit: Duration,
    ) -> BoxFuture<'a, Result<Arc<dyn Store>>> {
        Box::pin(Backend::open_through(self, namespace, address, limit))
    }

    fn absence(&self) -> Option<String> {
        Backend::absence(self)
    }
}
