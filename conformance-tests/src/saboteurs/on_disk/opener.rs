//! How the suite opens a store in files.

use std::{fs, io, path::PathBuf, sync::Arc, time::Duration};

use session_core::{Error, Key, Result, Store};
use tokio::time::sleep;

use super::{Flaw, files::record, store::FileStore};
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
        let caps = Capabilities::PLAIN.directory().folder().medium().durability(Durability::PowerLoss);
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
            Ok(store.knowing_itself() as Arc<dyn Store>)
        })
    }

    fn open_capped<'a>(&'a self, _: &'a Namespace, _: usize) -> BoxFuture<'a, Result<Arc<dyn Store>>> {
        Box::pin(async { Err(Error::Unsupported("a cap")) })
    }

    fn folder(&self, namespace: &Namespace) -> Option<PathBuf> {
        Some(root(namespace))
    }

    fn medium(&self, namespace: &Namespace) -> Option<Box<dyn Medium>> {
        Some(Box::new(Files(root(namespace))))
    }
}

/// The records below the folder of a store.
struct Files(PathBuf);

impl Medium for Files {
    fn read(&self, key: &Key) -> io::Result<Vec<u8>> {
        fs::read(record(&self.0, key))
    }

    fn write(&self, key: &Key, bytes: &[u8]) -> io::Result<()> {
        fs::write(record(&self.0, key), bytes)
    }
}

fn root(namespace: &Namespace) -> PathBuf {
    namespace.folder().join("store")
}
