//! The store itself.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use session_core::{Directory, Expect, Key, Owner, Record, Result, Revision, Store, Stored, Timestamp};

use crate::{
    calls::Calls,
    dialect::Dialect,
    engine::Engine,
    executor::Executor,
    options::SqlOptions,
    pool::{Server, SqlPool},
    table::Table,
};

/// Keeps sessions in a table of a database. A clone is a handle to the same store.
///
/// What [`connect`](SqlStore::connect) returns has a thread of its own and needs no runtime: any executor may poll it.
/// What [`new`](SqlStore::new) returns works in the runtime that it was called in, as long as that lives.
#[derive(Clone)]
pub struct SqlStore {
    calls: Calls,
}

impl SqlStore {
    /// Connects to the database at `url` and opens the table called `table`, with the [default options](SqlOptions).
    ///
    /// The URL is `sqlite:PATH`, `postgres://user:password@host/database` or `mysql://user:password@host/database`, with
    /// what sqlx understands behind a `?`. The name of the table has at most 48 letters of ASCII, digits and underscores; case
    /// matters on PostgreSQL.
    ///
    /// With the feature `tls-rustls` a connection is encrypted where the server offers that, but nobody looks who answered. Who
    /// answers has to prove it with `?sslmode=verify-full` on PostgreSQL and `?ssl-mode=VERIFY_IDENTITY` on MariaDB and MySQL:
    /// by a certificate that the operating system trusts, or one that `&sslrootcert=FILE`, or `&ssl-ca=FILE`, vouches for.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let url = format!("sqlite:{}", folder.path().join("sessions.db").display());
    /// # let url = url.as_str();
    /// store_sql::SqlStore::migrate(url, "sessions").await?; // Such as "sqlite:sessions.db".
    /// let store = store_sql::SqlStore::connect(url, "sessions").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Backend`](session_core::Error::Backend) when the database cannot be reached, does not let us in, has
    /// no such table, or one with a column that does not fit, which is named;
    /// [`Error::Invalid`](session_core::Error::Invalid) for the name of the table.
    pub async fn connect(url: &str, table: &str) -> Result<Self> {
        Self::connect_with(url, table, SqlOptions::default()).await
    }

    /// Connects to the database at `url` and opens the table called `table`, with `options`.
    ///
    /// ```
    /// use store_sql::{Durability, SqlOptions, SqlStore};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let url = format!("sqlite:{}", folder.path().join("sessions.db").display());
    /// # let url = url.as_str();
    /// # SqlStore::migrate(url, "sessions").await?;
    /// let options = SqlOptions::default().durability(Durability::Process).max_sessions(100_000);
    /// let store = SqlStore::connect_with(url, "sessions", options).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`connect`](SqlStore::connect).
    pub async fn connect_with(url: &str, table: &str, options: SqlOptions) -> Result<Self> {
        let (table, options) = (Table::parse(table)?, bounded(options));
        let (server, executor) = (Server::parse(url, &options)?, Executor::start()?);
        let engine = executor.run(server.open(table, options, executor.clone())).await?;
        Ok(Self { calls: Calls::new(engine, executor, options.timeout) })
    }

    /// Opens the table called `table` over a pool of sqlx, with the [default options](SqlOptions).
    ///
    /// The pool stays the application's, which sets what a connection is: on SQLite its journal and how it syncs. While a write
    /// of ours is under way on SQLite, its connection waits for locks as shortly as our own do, and as long as before again
    /// after it: sqlx's 5 s are more than a call has. Everything runs in the runtime that this is called in.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let url = format!("sqlite:{}?mode=rwc", folder.path().join("app.db").display());
    /// # let url = url.as_str();
    /// let pool = sqlx::SqlitePool::connect(url).await?; // Such as "sqlite:app.db".
    /// store_sql::SqlStore::migrate_pool(pool.clone(), "sessions").await?;
    /// let store = store_sql::SqlStore::new(pool, "sessions").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`connect`](SqlStore::connect), and when it is called outside of a runtime.
    pub async fn new(pool: impl Into<SqlPool>, table: &str) -> Result<Self> {
        Self::new_with(pool, table, SqlOptions::default()).await
    }

    /// Opens the table called `table` over a pool of sqlx, with `options`.
    ///
    /// `max_connections` and `durability` are the pool's own.
    ///
    /// # Errors
    ///
    /// As [`new`](SqlStore::new).
    pub async fn new_with(pool: impl Into<SqlPool>, table: &str, options: SqlOptions) -> Result<Self> {
        let (table, options, executor) = (Table::parse(table)?, bounded(options), Executor::here()?);
        let engine = executor.run(pool.into().open(table, options, executor.clone())).await?;
        Ok(Self { calls: Calls::new(engine, executor, options.timeout) })
    }

    /// Makes the table called `table` in the database at `url`, or adds what it lacks.
    ///
    /// A table that was made with the web.py manual's statement gets our columns; its rows stay as they are, and web.py can go on
    /// with it. Whatever is there already stays. It may be called any number of times, by any number of processes at once. On
    /// SQLite the file is made, for our user alone; its folder must be there.
    ///
    /// It waits for at most 16 s for others who migrate, and for 4 s for each lock that somebody holds on the table. How long an
    /// index of a large table takes to be made is up to the database.
    ///
    /// # Errors
    ///
    /// As [`connect`](SqlStore::connect), when the user may not change the table, and when somebody was in the way for too long:
    /// call it again then. A column that a migration does not change, such as one of ours of another type, is named before
    /// anything is done. On SQLite and PostgreSQL a migration that fails has changed nothing, unless its
    /// error is unknown, as when the connection is lost, which may be at the commit. On MariaDB and MySQL,
    /// where each change of a table is final, its error is unknown as soon as one was made.
    pub async fn migrate(url: &str, table: &str) -> Result<()> {
        let (table, options) = (Table::parse(table)?, SqlOptions::default());
        let (server, executor) = (Server::parse(url, &options)?, Executor::start()?);
        executor.run(server.migrate(table, options)).await
    }

    /// Does what [`migrate`](SqlStore::migrate) does, in the database of a pool, over a connection of its own.
    ///
    /// A file of SQLite must be there, unless the pool's options have it made: then it is not for our user
    /// alone, but has whatever mode the process gives its files.
    ///
    /// # Errors
    ///
    /// As [`migrate`](SqlStore::migrate), and when it is called outside of a runtime.
    pub async fn migrate_pool(pool: impl Into<SqlPool>, table: &str) -> Result<()> {
        let table = Table::parse(table)?;
        Executor::here()?.run(pool.into().migrate(table, SqlOptions::default())).await
    }

    /// Returns the statements that make the table called `table`, for people who run their migrations themselves.
    ///
    /// ```
    /// use store_sql::{Dialect, SqlStore};
    ///
    /// let statements = SqlStore::schema(Dialect::Postgres, "sessions")?;
    /// assert!(statements.starts_with("CREATE TABLE \"sessions\" ("));
    /// # Ok::<(), session_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](session_core::Error::Invalid) for the name of the table.
    pub fn schema(dialect: Dialect, table: &str) -> Result<String> {
        Ok(dialect.schema(&Table::parse(table)?).text())
    }

    /// Does all that was begun and closes every connection, for all clones of this handle; of a pool that the
    /// application made, too.
    ///
    /// Every call after this one is refused; those before it end as they would have. A program that ends without this loses
    /// nothing. Dropped while it waits for calls, it has closed nothing.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let url = format!("sqlite:{}", folder.path().join("sessions.db").display());
    /// # let url = url.as_str();
    /// # store_sql::SqlStore::migrate(url, "sessions").await?;
    /// let store = store_sql::SqlStore::connect(url, "sessions").await?;
    /// store.close().await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn close(&self) {
        self.calls.close().await;
    }
}

/// Keeps the time of a call within what can be added to an instant, and above what leaves no time for anything.
fn bounded(options: SqlOptions) -> SqlOptions {
    const SHORTEST: Duration = Duration::from_millis(10);
    const LONGEST: Duration = Duration::from_secs(86_400);
    options.timeout(options.timeout.clamp(SHORTEST, LONGEST))
}

impl fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for SqlStore {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        self.calls.load(key, now).await
    }

    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        let (owned, record) = (*key, record.clone());
        let action = if expect == Expect::Absent { "create a session" } else { "save a session" };
        let save = move |engine: Arc<dyn Engine>, call| async move {
            engine.save(call, &owned, &record, expect, now).await
        };
        self.calls.write(action, key, save).await
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        let (owned, times) = (*key, [accessed_at, expires_at]);
        let touch = move |engine: Arc<dyn Engine>, call| async move {
            engine.touch(call, &owned, expect, times, now).await
        };
        self.calls.write("touch a session", key, touch).await
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        let owned = *key;
        let delete = move |engine: Arc<dyn Engine>, call| async move { engine.delete(call, &owned).await };
        self.calls.write("delete a session", key, delete).await
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        let delete = move |engine: Arc<dyn Engine>, _| async move { engine.delete_expired(now, limit).await };
        self.calls.read("delete expired sessions", delete).await
    }

    fn directory(&self) -> Option<&dyn Directory> {
        Some(self)
    }
}

#[async_trait]
impl Directory for SqlStore {
    async fn page(&self, after: Option<&Key>, limit: usize, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let after = after.copied();
        let page = move |engine: Arc<dyn Engine>, call| async move {
            engine.page(call, after.as_ref(), limit, now).await
        };
        self.calls.read("list sessions", page).await
    }

    async fn owned_by(&self, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let owner = owner.clone();
        let owned_by =
            move |engine: Arc<dyn Engine>, call| async move { engine.owned_by(call, &owner, now).await };
        self.calls.read("list the sessions of an owner", owned_by).await
    }

    async fn count(&self, now: Timestamp) -> Result<u64> {
        let count = move |engine: Arc<dyn Engine>, call| async move { engine.count(call, now).await };
        self.calls.read("count the sessions", count).await
    }
}
