//! Opens `store-shelf`.

use std::{path::PathBuf, sync::Arc, time::Duration};

use session_core::{Result, Store};
use store_shelf::{ShelfOptions, ShelfStore};

use crate::{Backend, Capabilities, Durability, Namespace};

/// Opens stores of one file each, in the folders of their namespaces, synced as for production.
///
/// It claims no `medium`: records lie in pages of redb, whose file nobody else may open while the store has it. The tests of
/// `store-shelf` damage them instead.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shelf;

/// How often a file is tried that may still be closing.
const OPENINGS_MAX: usize = 1_000;

impl Shelf {
    async fn open_with(&self, namespace: &Namespace, options: ShelfOptions) -> Result<Arc<dyn Store>> {
        let file = namespace.folder().join("sessions.redb");
        for _ in 0..OPENINGS_MAX {
            // A store whose handles are all dropped closes its file in its own time.
            if let Ok(store) = ShelfStore::open_with(&file, options) {
                return Ok(Arc::new(store));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(Arc::new(ShelfStore::open_with(&file, options)?))
    }
}

impl Backend for Shelf {
    const NAME: &'static str = "store-shelf";
    const CAPS: Capabilities =
        Capabilities::PLAIN.directory().cap().folder().durability(Durability::PowerLoss);

    async fn open(&self, namespace: &Namespace) -> Result<Arc<dyn Store>> {
        self.open_with(namespace, ShelfOptions::default()).await
    }

    async fn open_capped(&self, namespace: &Namespace, max_sessions: usize) -> Result<Arc<dyn Store>> {
        self.open_with(namespace, ShelfOptions::default().max_sessions(max_sessions)).await
    }

    fn folder(&self, namespace: &Namespace) -> Option<PathBuf> {
        Some(namespace.folder())
    }
}
