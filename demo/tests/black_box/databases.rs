//! Databases on the servers that this machine has.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use sqlx::{AssertSqlSafe, Connection, Executor};
use tokio::runtime::Runtime;

use crate::servers::{mysql, not_run, postgres};

/// A database of its own, removed in the end.
#[derive(Debug)]
pub(crate) struct Database {
    /// The URL of the server up to the name of a database.
    server: String,
    name: String,
}

/// Returns the servers that answer, each as a URL that ends in `/DATABASE`.
pub(crate) fn servers() -> impl Iterator<Item = &'static str> {
    static SERVERS: LazyLock<Vec<String>> = LazyLock::new(|| {
        [("PostgreSQL", postgres()), ("MariaDB", mysql())].into_iter().filter_map(find).collect()
    });
    SERVERS.iter().map(String::as_str)
}

fn find((name, url): (&str, String)) -> Option<String> {
    match run(&url, "SELECT 1") {
        Ok(()) => Some(format!("{}/DATABASE", url.rsplit_once('/')?.0)),
        Err(error) => {
            not_run(&format!("the demo on {name}: {error}"));
            None
        }
    }
}

impl Database {
    /// Makes one on this server, whose URL ends in a slash.
    pub(crate) fn make(server: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("demo_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let database = Self { server: server.into(), name };
        run(&database.entrance(), &format!("CREATE DATABASE {}", database.name)).unwrap();
        database
    }

    pub(crate) fn url(&self) -> String {
        format!("{}{}", self.server, self.name)
    }

    /// Returns all that is in the rows of the table, as text.
    pub(crate) fn rows(&self) -> Vec<u8> {
        let (url, runtime) = (self.url(), runtime().unwrap());
        let rows = async move {
            if url.starts_with("postgres") {
                let connection = &mut sqlx::PgConnection::connect(&url).await?;
                sqlx::query_scalar("SELECT sessions::text FROM sessions").fetch_all(connection).await
            } else {
                let connection = &mut sqlx::MySqlConnection::connect(&url).await?;
                let columns = "session_id, atime, data, accessed_at, expires_at, owner, revision";
                let sql = format!("SELECT CAST(concat_ws(' ', {columns}) AS CHAR) FROM sessions");
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(connection).await
            }
        };
        let rows: Result<Vec<String>, sqlx::Error> =
            thread::spawn(move || runtime.block_on(rows)).join().unwrap();
        rows.unwrap().join("\n").into_bytes()
    }

    /// Returns the URL of the database that every server has.
    fn entrance(&self) -> String {
        let is_postgres = self.server.starts_with("postgres");
        format!("{}{}", self.server, if is_postgres { "postgres" } else { "mysql" })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let force = if self.server.starts_with("postgres") { " WITH (FORCE)" } else { "" };
        let dropped = run(&self.entrance(), &format!("DROP DATABASE {}{force}", self.name));
        assert!(dropped.is_ok() || thread::panicking(), "{dropped:?}");
    }
}

/// Runs a statement on a thread of its own, because tests are in runtimes and outside of them.
fn run(url: &str, sql: &str) -> Result<(), sqlx::Error> {
    let (url, sql) = (url.to_owned(), AssertSqlSafe(sql.to_owned()));
    let work = async move {
        if url.starts_with("postgres") {
            sqlx::PgConnection::connect(&url).await?.execute(sql).await.map(drop)
        } else {
            sqlx::MySqlConnection::connect(&url).await?.execute(sql).await.map(drop)
        }
    };
    let runtime = runtime()?;
    thread::spawn(move || runtime.block_on(work)).join().unwrap()
}

fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
