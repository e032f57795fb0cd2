//! Opens `store-disk`.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
};

use session_core::{Key, Result, Store};
use store_disk::{DiskOptions, DiskStore};

use crate::{Backend, Capabilities, Durability, Medium, Namespace};

/// Opens stores in the folders of their namespaces, synced as for production.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Disk {
    fn path(namespace: &Namespace) -> PathBuf {
        namespace.folder().join("sessions")
    }
}

impl Backend for Disk {
    const NAME: &'static str = "store-disk";
    const CAPS: Capabilities =
        Capabilities::PLAIN.directory().cap().shared().folder().medium().durability(Durability::PowerLoss);

    async fn open(&self, namespace: &Namespace) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(DiskStore::open(Self::path(namespace))?))
    }

    async fn open_capped(&self, namespace: &Namespace, max_sessions: usize) -> Result<Arc<dyn Store>> {
        let options = DiskOptions::default().max_sessions(max_sessions);
        Ok(Arc::new(DiskStore::open_with(Self::path(namespace), options)?))
    }

    fn folder(&self, namespace: &Namespace) -> Option<PathBuf> {
        Some(Self::path(namespace))
    }

    fn medium(&self, namespace: &Namespace) -> Option<Box<dyn Medium>> {
        Some(Box::new(Files { folder: Self::path(namespace) }))
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
