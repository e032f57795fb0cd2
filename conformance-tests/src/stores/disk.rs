//! Opens `store-disk`.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
};

use session_core::{Key, Result, Store};
use store_disk::{DiskOptions, DiskStore};
use tempfile::TempDir;

use crate::{Backend, Capabilities, Durability, Medium, Namespace};

/// Opens stores in a folder that is removed in the end, synced as for production.
#[derive(Debug)]
pub struct Disk {
    root: TempDir,
}

impl Disk {
    /// Returns a backend with a folder of its own.
    ///
    /// # Errors
    ///
    /// Whatever kept the folder from being made.
    pub fn new() -> io::Result<Self> {
        Ok(Self { root: tempfile::tempdir()? })
    }

    fn path(&self, namespace: &Namespace) -> PathBuf {
        self.root.path().join(namespace.as_str())
    }
}

impl Backend for Disk {
    const NAME: &'static str = "store-disk";
    const CAPS: Capabilities =
        Capabilities::PLAIN.directory().cap().shared().folder().medium().durability(Durability::PowerLoss);

    async fn open(&self, namespace: &Namespace) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(DiskStore::open(self.path(namespace))?))
    }

    async fn open_capped(&self, namespace: &Namespace, max_sessions: usize) -> Result<Arc<dyn Store>> {
        let options = DiskOptions::default().max_sessions(max_sessions);
        Ok(Arc::new(DiskStore::open_with(self.path(namespace), options)?))
    }

    fn folder(&self, namespace: &Namespace) -> Option<PathBuf> {
        Some(self.path(namespace))
    }

    fn medium(&self, namespace: &Namespace) -> Option<Box<dyn Medium>> {
        Some(Box::new(Files { folder: self.path(namespace) }))
    }
}

/// The files of a folder, one for each record.
struct Files {
    folder: PathBuf,
}

impl Files {
    fn path(&self, key: &Key) -> PathBuf {
        let text = key.to_string();
        let (folder, file) = text.split_at(2);
        self.folder.join(folder).join(format!("{file}.session"))
    }
}

impl Medium for Files {
    fn read(&self, key: &Key) -> io::Result<Vec<u8>> {
        fs::read(self.path(key))
    }

    fn write(&self, key: &Key, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(key);
        // The time of a file says when the session expires: damage that looks expired would be swept as such.
        let modified = fs::metadata(&path)?.modified()?;
        let mut file = File::create(&path)?;
        file.write_all(bytes)?;
        file.set_modified(modified)
    }
}
