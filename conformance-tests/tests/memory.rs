//! The suite on store-memory, as one test for each case.

use std::sync::Arc;

use conformance_tests::{Backend, Capabilities, Namespace};
use session_core::{Result, Store};
use store_memory::{MemoryOptions, MemoryStore};

struct Memory;

impl Backend for Memory {
    const NAME: &'static str = "store-memory";
    const CAPS: Capabilities = Capabilities::PLAIN.directory().objects().cap();

    async fn open(&self, _: &Namespace) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(MemoryStore::new()))
    }

    async fn open_capped(&self, _: &Namespace, max: usize) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(MemoryStore::with_options(MemoryOptions::default().max_sessions(max))))
    }
}

conformance_tests::suite!(Memory, directory, objects, cap);
