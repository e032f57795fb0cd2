//! Opens `store-sql` on SQLite.

use std::{env, path::PathBuf, sync::Arc, time::Duration};

use session_core::{Result, Store};
use store_sql::{SqlOptions, SqlStore};

use crate::{Backend, Capabilities, Durability, Namespace};

/// Opens stores on files of SQLite, in the folders of their namespaces, synced as for production.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sqlite;

impl Sqlite {
    async fn open_with(&self, namespace: &Namespace, options: SqlOptions) -> Result<Arc<dyn Store>> {
        let url = format!("sqlite:{}", namespace.folder().join("sessions.db").display());
        SqlStore::migrate(&url, "sessions").await?;
        Ok(Arc::new(SqlStore::connect_with(&url, "sessions", options).await?))
    }
}

impl Backend for Sqlite {
    const NAME: &'static str = "store-sql-sqlite";
    const CAPS: Capabilities =
        Capabilities::PLAIN.directory().cap().shared().folder().durability(Durability::PowerLoss);

    async fn open(&self, namespace: &Namespace) -> Result<Arc<dyn Store>> {
        self.open_with(namespace, sql_options()).await
    }

    async fn open_capped(&self, namespace: &Namespace, max_sessions: usize) -> Result<Arc<dyn Store>> {
        self.open_with(namespace, sql_options().max_sessions(max_sessions)).await
    }

    fn folder(&self, namespace: &Namespace) -> Option<PathBuf> {
        Some(namespace.folder())
    }
}

/// Returns how a store of SQL is opened: as by default, or with each call by itself where `SQL_COALESCE` is `off`.
///
/// Calls have more time than by default, because many cases at a time on a slow disk are no fault of the store.
pub(super) fn sql_options() -> SqlOptions {
    let is_off = env::var_os("SQL_COALESCE").is_some_and(|value| value == "off");
    SqlOptions::default().coalesce(!is_off).timeout(Duration::from_secs(12))
}
