//! A database that is removed with its test.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use sqlx::{AssertSqlSafe, Row, Sqlite, sqlite::SqliteConnectOptions};
use store_sql::{Dialect, SqlOptions, SqlPool, SqlStore};

use crate::servers::{self, not_run};

/// A database of its own, and a table called `sessions` in it once it is made.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) dialect: Dialect,
    pub(crate) url: String,
    pub(crate) pool: SqlPool,
    end: End,
}

/// What is removed in the end.
#[derive(Debug)]
enum End {
    Folder(tempfile::TempDir),
    Database { server: SqlPool, name: String },
}

pub(crate) const ALL: [Dialect; 3] = [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql];
pub(crate) const SERVERS: [Dialect; 2] = [Dialect::Postgres, Dialect::MySql];

/// Runs a test on each of these databases, and says where it could not.
pub(crate) async fn each(dialects: &[Dialect], test: impl AsyncFn(&Place)) {
    for dialect in dialects {
        match Place::new(*dialect).await {
            Ok(place) => {
                test(&place).await;
                place.remove().await;
            }
            Err(error) => not_run(&format!("no database could be made on {dialect:?}: {error}")),
        }
    }
}

/// Does the same with whichever pool it is.
macro_rules! each_pool {
    ($pool:expr, $inner:ident => $work:expr) => {
        match $pool {
            SqlPool::Sqlite($inner) => $work,
            SqlPool::Postgres($inner) => $work,
            SqlPool::MySql($inner) => $work,
            _ => unreachable!("there is no other pool"),
        }
    };
}

impl Place {
    pub(crate) async fn new(dialect: Dialect) -> Result<Self, sqlx::Error> {
        if dialect == Dialect::Sqlite {
            let folder = tempfile::tempdir()?;
            let path = folder.path().join("sessions.db");
            let connect = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
            let pool = sqlx::Pool::<Sqlite>::connect_lazy_with(connect).into();
            let url = format!("sqlite:{}", path.display());
            return Ok(Self { dialect, url, pool, end: End::Folder(folder) });
        }
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("store_sql_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let server: SqlPool = match dialect {
            Dialect::Postgres => sqlx::PgPool::connect(&servers::postgres()).await?.into(),
            _ => sqlx::MySqlPool::connect(&servers::mysql()).await?.into(),
        };
        run(&server, &format!("CREATE DATABASE {name}")).await?;
        let url = match dialect {
            Dialect::Postgres => servers::database(&servers::postgres(), &name),
            _ => servers::database(&servers::mysql(), &name),
        };
        let pool = match dialect {
            Dialect::Postgres => sqlx::PgPool::connect(&url).await?.into(),
            _ => sqlx::MySqlPool::connect(&url).await?.into(),
        };
        Ok(Self { dialect, url, pool, end: End::Database { server, name } })
    }

    async fn remove(self) {
        // It was seen to wait for ever, with all connections idle; what is removed needs no closed pool.
        let close = async { each_pool!(&self.pool, pool => pool.close().await) };
        let _ = tokio::time::timeout(Duration::from_secs(5), close).await;
        match &self.end {
            End::Folder(folder) => std::fs::remove_dir_all(folder.path()).unwrap(),
            End::Database { server, name } => {
                let force = if self.dialect == Dialect::Postgres { " WITH (FORCE)" } else { "" };
                run(server, &format!("DROP DATABASE {name}{force}")).await.unwrap();
                each_pool!(server, pool => pool.close().await);
            }
        }
    }

    /// Makes the table and opens it.
    pub(crate) async fn open(&self) -> SqlStore {
        self.open_with(SqlOptions::default()).await
    }

    pub(crate) async fn open_with(&self, options: SqlOptions) -> SqlStore {
        SqlStore::migrate(&self.url, "sessions").await.unwrap();
        SqlStore::connect_with(&self.url, "sessions", options).await.unwrap()
    }

    /// Runs statements by hand.
    pub(crate) async fn run(&self, sql: &str) {
        self.try_run(sql).await.unwrap();
    }

    pub(crate) async fn try_run(&self, sql: &str) -> Result<(), sqlx::Error> {
        run(&self.pool, sql).await
    }

    /// Reads rows by hand, each value as text.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        each_pool!(&self.pool, pool => {
            let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
            let text = |row: &_, n: usize| Row::try_get_unchecked::<Option<String>, _>(row, n).unwrap_or_default();
            rows.iter().map(|row| (0..row.len()).map(|n| text(row, n).unwrap_or_default()).collect()).collect()
        })
    }

    /// Returns the table as the manual of web.py makes it, in the words of this database.
    pub(crate) fn manual(&self) -> &'static str {
        "create table sessions (
            session_id char(128) UNIQUE NOT NULL,
            atime timestamp NOT NULL default current_timestamp,
            data text
        )"
    }
}

async fn run(pool: &SqlPool, sql: &str) -> Result<(), sqlx::Error> {
    each_pool!(pool, pool => sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.map(drop))
}
