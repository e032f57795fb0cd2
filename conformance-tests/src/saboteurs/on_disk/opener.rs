//! How the suite opens a store in files.

use std::{path::PathBuf, sync::Arc, time::Duration};

use session_core::{Error, Result, Store};
use tokio::time::sleep;

use super::{Flaw, store::FileStore};
use crate::{
    backend::{Medium, Opener},
    capabilities::{Capabilities, Durability},
    case::BoxFuture,
    namespace::Namespace,
};

/// Opens stores in files, all with one flaw.
pub(super) struct OnDisk {
    pub(super) name: &'static str,
    pub(super) flaw: Flaw,
    pub(super) is_shared: bool,
}

impl Opener for OnDisk {
    fn name(&self) -> &'static str {
        self.name
    }

    fn caps(&self) -> Capabilities {
        let caps = Capabilities::PLAIN.directory().folder().durability(Durability::PowerLoss);
        if self.is_shared { caps.shared() } else { caps }
    }

    fn open<'a>(&'a self, namespace: &'a Namespace) -> BoxFuture<'a, Result<Arc<dyn Store>>> {
        let root = root(namespace);
        Box::pin(async move {
            while self.flaw == Flaw::WaitsUntilItWasClosed && root.join("open").exists() {
                sleep(Duration::from_millis(1)).await;
            }
            let store = loop {
                match FileStore::open(root.clone(), self.flaw, self.is_shared) {
                    Err(_) if self.flaw == Flaw::WaitsAtTheDoor => sleep(Duration::from_millis(1)).await,
                    opened => break opened?,
                }
            };
            Ok(Arc::new(store) as Arc<dyn Store>)
        })
    }

    fn open_capped<'a>(&'a self, _: &'a Namespace, _: usize) -> BoxFuture<'a, Result<Arc<dyn Store>>> {
        Box::pin(async { Err(Error::Unsupported("a cap")) })
    }

    fn folder(&self, namespace: &Namespace) -> Option<PathBuf> {
        Some(root(namespace))
    }

    fn medium(&self, _: &Namespace) -> Option<Box<dyn Medium>> {
        None
    }
}

fn root(namespace: &Namespace) -> PathBuf {
    namespace.folder().join("store")
}
