//! Opens `store-memory`.

use std::{io, sync::Arc};

use session_core::{Result, Store};
use store_memory::{MemoryOptions, MemoryStore};

use crate::{Backend, Capabilities, Namespace};

/// Opens stores in memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory;

impl Memory {
    /// Returns the backend.
    ///
    /// # Errors
    ///
    /// None: it needs no place.
    pub const fn new() -> io::Result<Self> {
        Ok(Self)
    }
}

impl Backend for Memory {
    const NAME: &'static str = "store-memory";
    const CAPS: Capabilities = Capabilities::PLAIN.directory().objects().cap();

    async fn open(&self, _: &Namespace) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(MemoryStore::new()))
    }

    async fn open_capped(&self, _: &Namespace, max_sessions: usize) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(MemoryStore::with_options(MemoryOptions::default().max_sessions(max_sessions))))
    }
}
