//! A database that a store can be opened on.

use std::{fmt, sync::Arc};

use session_core::Result;
use sqlx::Pool;

use crate::{
    call::{Call, Connections, Source},
    driver::{Driver, OptionsOf},
    engine::{Engine, SqlEngine},
    executor::Executor,
    fault::{self, Cause},
    migrate,
    options::SqlOptions,
    own::Own,
    schema,
    table::Table,
};

/// One of sqlx's pools; each of them turns into it.
#[derive(Clone)]
#[non_exhaustive]
pub enum SqlPool {
    /// A pool of SQLite.
    #[cfg(feature = "sqlite")]
    Sqlite(sqlx::SqlitePool),
    /// A pool of PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres(sqlx::PgPool),
    /// A pool of MariaDB or MySQL.
    #[cfg(feature = "mysql")]
    MySql(sqlx::MySqlPool),
}

#[cfg(feature = "sqlite")]
impl From<sqlx::SqlitePool> for SqlPool {
    fn from(pool: sqlx::SqlitePool) -> Self {
        Self::Sqlite(pool)
    }
}

#[cfg(feature = "postgres")]
impl From<sqlx::PgPool> for SqlPool {
    fn from(pool: sqlx::PgPool) -> Self {
        Self::Postgres(pool)
    }
}

#[cfg(feature = "mysql")]
impl From<sqlx::MySqlPool> for SqlPool {
    fn from(pool: sqlx::MySqlPool) -> Self {
        Self::MySql(pool)
    }
}

impl fmt::Debug for SqlPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What it connects to includes a password.
        f.debug_struct("SqlPool").finish_non_exhaustive()
    }
}

/// Does the same with whichever pool it is.
macro_rules! each {
    ($pool:expr, $inner:ident => $work:expr) => {
        match $pool {
            #[cfg(feature = "sqlite")]
            SqlPool::Sqlite($inner) => $work,
            #[cfg(feature = "postgres")]
            SqlPool::Postgres($inner) => $work,
            #[cfg(feature = "mysql")]
            SqlPool::MySql($inner) => $work,
        }
    };
}

impl SqlPool {
    pub(crate) async fn open(
        self,
        table: Table,
        options: SqlOptions,
        executor: Executor,
    ) -> Result<Arc<dyn Engine>> {
        let call = Call::new("connect", options.timeout);
        each!(self, pool => open(Source::Pool(pool), table, options, &executor, call).await)
    }

    pub(crate) async fn migrate(self, table: Table, options: SqlOptions) -> Result<()> {
        each!(self, pool => migrate_pool(pool, table, options).await)
    }
}

/// A database named by a URL.
pub(crate) enum Server {
    #[cfg(feature = "sqlite")]
    Sqlite(OptionsOf<sqlx::Sqlite>),
    #[cfg(feature = "postgres")]
    Postgres(OptionsOf<sqlx::Postgres>),
    #[cfg(feature = "mysql")]
    MySql(OptionsOf<sqlx::MySql>),
}

/// Does the same with whichever server it is.
macro_rules! each_server {
    ($server:expr, $connect:ident: $database:ident => $work:expr) => {
        match $server {
            #[cfg(feature = "sqlite")]
            Server::Sqlite($connect) => {
                type $database = sqlx::Sqlite;
                $work
            }
            #[cfg(feature = "postgres")]
            Server::Postgres($connect) => {
                type $database = sqlx::Postgres;
                $work
            }
            #[cfg(feature = "mysql")]
            Server::MySql($connect) => {
                type $database = sqlx::MySql;
                $work
            }
        }
    };
}

impl Server {
    /// Reads the URL of a database.
    pub(crate) fn parse(url: &str, options: &SqlOptions) -> Result<Self> {
        let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
        // Without its slashes, all that follows would be the name of a database on the usual host.
        let parsed = match (scheme, rest.starts_with("//")) {
            #[cfg(feature = "sqlite")]
            ("sqlite", _) => sqlx::Sqlite::connect_options(url, options).map(Self::Sqlite),
            #[cfg(feature = "postgres")]
            ("postgres" | "postgresql", true) => {
                sqlx::Postgres::connect_options(url, options).map(Self::Postgres)
            }
            #[cfg(feature = "mysql")]
            ("mysql" | "mariadb", true) => sqlx::MySql::connect_options(url, options).map(Self::MySql),
            (scheme, has_slashes) => Err(Cause::Url(unknown(scheme, has_slashes))),
        };
        parsed.map_err(|cause| fault::not_applied("understand its URL", cause))
    }

    /// Connects once, so that what is wrong is known now, and opens the store.
    pub(crate) async fn open(
        self,
        table: Table,
        options: SqlOptions,
        executor: Executor,
    ) -> Result<Arc<dyn Engine>> {
        each_server!(self, connect: Database => {
            let (own, call) =
                (Own::<Database>::new(connect, options.max_connections), Call::new("connect", options.timeout));
            let first = own.acquire(call.begins_by).await;
            first.map_err(|cause| fault::not_applied(call.action, cause))?.give_back();
            let end = Arc::clone(&own);
            executor.in_the_end(async move { end.close().await });
            open(Source::Own(own), table, options, &executor, call).await
        })
    }

    pub(crate) async fn migrate(self, table: Table, options: SqlOptions) -> Result<()> {
        each_server!(self, connect: Database => {
            let prepared = <Database as Driver>::prepare(connect);
            let connect = prepared.map_err(|cause| fault::not_applied("make its file", cause))?;
            migrate::migrate::<Database>(&connect, &table, options.timeout).await
        })
    }
}

fn unknown(scheme: &str, has_slashes: bool) -> &'static str {
    match (scheme, has_slashes) {
        ("sqlite", _) | ("postgres" | "postgresql" | "mysql" | "mariadb", true) => {
            "store-sql was built without this database: turn on its feature"
        }
        _ => "it should begin with sqlite:, postgres:// or mysql://, as in postgres://user@host/database",
    }
}

async fn open<D: Driver>(
    source: Source<D>,
    table: Table,
    options: SqlOptions,
    executor: &Executor,
    call: Call,
) -> Result<Arc<dyn Engine>> {
    let connections = Connections::new(source, options.timeout);
    let sql = schema::check(&connections, &table, call.step("look at its table")).await?;
    Ok(SqlEngine::new(connections, sql, &options, executor))
}

async fn migrate_pool<D: Driver>(pool: Pool<D>, table: Table, options: SqlOptions) -> Result<()> {
    migrate::migrate::<D>(&pool.connect_options(), &table, options.timeout).await
}
