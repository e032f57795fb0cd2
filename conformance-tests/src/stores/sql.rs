//! Opens `store-sql` on a server.

use std::{
    env,
    net::{SocketAddr, ToSocketAddrs},
    sync::Arc,
    thread,
    time::Duration,
};

use session_core::{Error, Result, Store};
use sqlx::{AssertSqlSafe, Connection, Executor};
use store_sql::{SqlOptions, SqlStore};

use crate::stores::sqlite::sql_options;
use crate::{Backend, Capabilities, Durability, Namespace};

/// Opens stores on a server of PostgreSQL: a table for each namespace, which is removed in the end.
#[derive(Debug)]
pub struct Postgres(Result<Database, String>);

/// Opens stores on a server of MariaDB or MySQL: a table for each namespace, which is removed in the end.
#[derive(Debug)]
pub struct MariaDb(Result<Database, String>);

impl Postgres {
    /// Returns a backend in the database of `TEST_POSTGRES_URL`, or else in `postgres` on this machine.
    ///
    /// Where it cannot be reached, no case is run.
    #[must_use]
    pub fn new() -> Self {
        let url = env::var("TEST_POSTGRES_URL");
        let url = url.unwrap_or("postgres://postgres@127.0.0.1:5432/postgres".into());
        Self(Database::reach(url, |url, sql| Box::pin(postgres(url, sql))))
    }
}

impl Default for Postgres {
    fn default() -> Self {
        Self::new()
    }
}

impl MariaDb {
    /// Returns a backend in the database of `TEST_MYSQL_URL`, or else in `test` on this machine.
    ///
    /// Where it cannot be reached, no case is run.
    #[must_use]
    pub fn new() -> Self {
        let url = env::var("TEST_MYSQL_URL").unwrap_or("mysql://root@127.0.0.1:3306/test".into());
        Self(Database::reach(url, |url, sql| Box::pin(mysql(url, sql))))
    }
}

impl Default for MariaDb {
    fn default() -> Self {
        Self::new()
    }
}

const CAPS: Capabilities =
    Capabilities::PLAIN.directory().cap().shared().server().durability(Durability::PowerLoss);

macro_rules! backend {
    ($backend:ident $name:literal $port:literal) => {
        impl Backend for $backend {
            const NAME: &'static str = $name;
            const CAPS: Capabilities = CAPS;

            async fn open(&self, namespace: &Namespace) -> Result<Arc<dyn Store>> {
                open(&self.0, namespace, sql_options()).await
            }

            async fn open_capped(
                &self,
                namespace: &Namespace,
                max_sessions: usize,
            ) -> Result<Arc<dyn Store>> {
                open(&self.0, namespace, sql_options().max_sessions(max_sessions)).await
            }

            fn server(&self) -> Option<SocketAddr> {
                self.0.as_ref().ok()?.address($port)
            }

            async fn open_through(
                &self,
                namespace: &Namespace,
                address: SocketAddr,
                limit: Duration,
            ) -> Result<Arc<dyn Store>> {
                let url = reached(&self.0)?.url_through(address);
                let url = url.ok_or(Error::Unsupported("a URL of another form"))?;
                let options = sql_options().timeout(limit);
                Ok(Arc::new(SqlStore::connect_with(&url, namespace.as_str(), options).await?))
            }

            fn absence(&self) -> Option<String> {
                self.0.as_ref().err().cloned()
            }

            async fn discard(&self, namespace: &Namespace) {
                if let Ok(database) = &self.0 {
                    // What cannot be removed is a table whose name says whose it was.
                    let sql = format!("DROP TABLE IF EXISTS {namespace}");
                    let _ = (database.run)(database.url.clone(), sql).await;
                }
            }
        }
    };
}

backend!(Postgres "store-sql-postgres" 5432);
backend!(MariaDb "store-sql-mariadb" 3306);

/// A database that can be reached.
#[derive(Debug)]
struct Database {
    url: String,
    run: Run,
}

/// Connects to a database and runs a statement.
type Run = fn(String, String) -> crate::BoxFuture<'static, Result<(), sqlx::Error>>;

impl Database {
    fn reach(url: String, run: Run) -> Result<Self, String> {
        run_apart(run, url.clone(), "SELECT 1".into())
            .map_err(|error| format!("no database was reached: {error}"))?;
        Ok(Self { url, run })
    }

    /// Returns the URL of this database by way of another address.
    fn url_through(&self, address: SocketAddr) -> Option<String> {
        let (way, database) = self.url.rsplit_once('/')?;
        let (scheme, authority) = way.split_once("://")?;
        let user = authority.rsplit_once('@').map_or(String::new(), |(user, _)| format!("{user}@"));
        Some(format!("{scheme}://{user}{address}/{database}"))
    }

    /// Returns where the server is.
    fn address(&self, usual_port: u16) -> Option<SocketAddr> {
        let (_, rest) = self.url.split_once("://")?;
        let authority = rest.split('/').next()?;
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let is_complete = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let host = if is_complete { host.to_owned() } else { format!("{host}:{usual_port}") };
        host.to_socket_addrs().ok()?.next()
    }
}

async fn open(
    database: &Result<Database, String>,
    namespace: &Namespace,
    options: SqlOptions,
) -> Result<Arc<dyn Store>> {
    let url = &reached(database)?.url;
    SqlStore::migrate(url, namespace.as_str()).await?;
    Ok(Arc::new(SqlStore::connect_with(url, namespace.as_str(), options).await?))
}

fn reached(database: &Result<Database, String>) -> Result<&Database> {
    database.as_ref().map_err(|_| Error::Unsupported("being opened without a server"))
}

/// Runs a statement on a thread of its own, because a backend is made and dropped inside and outside of runtimes.
fn run_apart(run: Run, server: String, sql: String) -> Result<(), sqlx::Error> {
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(run(server, sql))
    };
    thread::spawn(work).join().unwrap_or(Err(sqlx::Error::WorkerCrashed))
}

async fn postgres(url: String, sql: String) -> Result<(), sqlx::Error> {
    let mut connection = sqlx::PgConnection::connect(&url).await?;
    connection.execute(AssertSqlSafe(sql)).await?;
    connection.close().await
}

async fn mysql(url: String, sql: String) -> Result<(), sqlx::Error> {
    let mut connection = sqlx::MySqlConnection::connect(&url).await?;
    connection.execute(AssertSqlSafe(sql)).await?;
    connection.close().await
}
