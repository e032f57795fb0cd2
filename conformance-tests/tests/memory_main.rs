//! The suite on store-memory without anything optional, as a test program of its own.

use std::{process::ExitCode, sync::Arc};

use conformance_tests::{Backend, Capabilities, Namespace};
use session_core::{Result, Store};
use store_memory::MemoryStore;

struct Plain;

impl Backend for Plain {
    const NAME: &'static str = "store-memory, plain";
    const CAPS: Capabilities = Capabilities::PLAIN.directory().objects();

    async fn open(&self, _: &Namespace) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(MemoryStore::new()))
    }
}

fn main() -> ExitCode {
    conformance_tests::main(Plain)
}
