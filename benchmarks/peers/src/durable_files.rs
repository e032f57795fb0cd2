//! tower-sessions-file-based-store, made durable.
//!
//! Two stores with files exist for tower-sessions, and neither syncs. This one reads a file at once and not byte by byte,
//! so it is the faster. It writes a file in place, which a crash leaves torn; here the same bytes go into a file beside
//! it, which is synced and then renamed over it. That is done on tokio's blocking threads, so that the syncs of 64
//! tasks meet in the journal of the file system, where in the threads of the runtime only two would. The folder is not
//! synced, so a loss of power may undo a rename; our store syncs its folder and pays for it.

use std::{
    fs::{self, File},
    io::Write,
};

use async_trait::async_trait;
use tokio::task::spawn_blocking;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{self, Error, Result},
};
use tower_sessions_file_based_store::FileStore;

#[derive(Clone, Debug)]
pub(crate) struct DurableFiles(FileStore);

impl DurableFiles {
    pub(crate) fn open(folder: &str) -> Self {
        // Its folder is borrowed for ever.
        Self(FileStore::new(folder.to_owned().leak(), "", ".json"))
    }

    async fn write(&self, record: &Record) -> Result<()> {
        let (path, record) = (self.0.path(&record.id), record.clone());
        let write = move || {
            let staged = format!("{path}.{:?}", std::thread::current().id());
            let mut file = File::create(&staged)?;
            file.write_all(serde_json::to_string(&record)?.as_bytes())?;
            file.sync_all()?;
            fs::rename(staged, path)
        };
        spawn_blocking(write)
            .await
            .expect("nothing panics there")
            .map_err(|error| Error::Backend(error.to_string()))
    }
}

#[async_trait]
impl SessionStore for DurableFiles {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        self.write(record).await
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.write(record).await
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        self.0.load(id).await
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.0.delete(id).await
    }
}
