//! What each database needs of sqlx besides its SQL.

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::{future::Future, time::Duration};

use sqlx::{Connection, Database, error::DatabaseError};

use crate::{
    dialect::{Dialect, Sql},
    fault::Cause,
    gather::BYTES_MAX,
    options::SqlOptions,
    value::{Answer, Kind, Value},
};

/// A database that sqlx speaks to.
pub(crate) trait Driver: Database {
    const DIALECT: Dialect;

    /// How many of our writes may be under way at the same time; more would wait for each other in the database.
    const WRITERS: usize;

    /// How many batches of one kind may be under way at the same time.
    const BATCHES: usize;

    /// The most bytes of one batch, unless one call has more.
    const BATCH_BYTES: usize = BYTES_MAX;

    /// Whether a migration that fails is undone as a whole.
    const UNDOES_MIGRATIONS: bool;

    /// Returns how to connect to `url`, without anything that could fail later.
    fn connect_options(url: &str, options: &SqlOptions) -> Result<OptionsOf<Self>, Cause>;

    /// Makes what has to be there before the first connection: nothing on a server.
    fn prepare(connect: OptionsOf<Self>) -> Result<OptionsOf<Self>, Cause> {
        Ok(connect)
    }

    /// Has a connection of the application wait for a lock no longer than ours, and returns how many milliseconds it waited
    /// before, if that was longer. Only SQLite waits in the connection.
    fn hurry(
        _: &mut Self::Connection,
        _most: Duration,
    ) -> impl Future<Output = Result<Option<i64>, sqlx::Error>> + Send {
        async { Ok(None) }
    }

    /// Has it wait as long again.
    fn relax(_: &mut Self::Connection, _before: i64) -> impl Future<Output = Result<(), sqlx::Error>> + Send {
        async { Ok(()) }
    }

    /// Sends one statement, which is a transaction by itself, and reads its answer to the end.
    ///
    /// The end matters: PostgreSQL sends rows before it commits.
    fn run(
        connection: &mut Self::Connection,
        sql: Sql,
        bound: Vec<Value>,
        reads: Option<&'static [Kind]>,
    ) -> impl Future<Output = Result<Answer, sqlx::Error>> + Send;

    /// Sends statements without values.
    fn run_raw(
        connection: &mut Self::Connection,
        sql: Sql,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Returns what a code of the database means.
    fn cause(error: &dyn DatabaseError) -> Cause;
}

/// How to connect to a database.
pub(crate) type OptionsOf<D> = <<D as Database>::Connection as Connection>::Options;

/// Implements what is the same text, and not the same code, for each database.
///
/// `$bind` binds many values as one, where the database takes that.
macro_rules! run {
    ($bind:expr) => {
        async fn run(
            connection: &mut Self::Connection,
            sql: $crate::dialect::Sql,
            bound: Vec<$crate::value::Value>,
            reads: Option<&'static [$crate::value::Kind]>,
        ) -> Result<$crate::value::Answer, sqlx::Error> {
            use $crate::value::{Answer, Value};
            let mut query = sqlx::query::<Self>(sqlx::AssertSqlSafe(sql));
            for value in bound {
                query = match value {
                    Value::Int(number) => query.bind(number),
                    Value::Text(text) => query.bind(text),
                    Value::Bytes(bytes) => query.bind(bytes),
                    Value::Column(column) => $bind(query, column),
                    Value::Odd => query.bind(None::<i64>),
                };
            }
            match reads {
                None => {
                    let affected = query.execute(connection).await?.rows_affected();
                    Ok(Answer { affected, rows: Vec::new() })
                }
                Some(kinds) => {
                    let rows = query.fetch_all(connection).await?;
                    let rows = rows.iter().map(|row| $crate::driver::read!(row, kinds)).collect();
                    Ok(Answer { affected: 0, rows })
                }
            }
        }

        async fn run_raw(
            connection: &mut Self::Connection,
            sql: $crate::dialect::Sql,
        ) -> Result<(), sqlx::Error> {
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await.map(drop)
        }
    };
}
use run;

/// Reads a row.
macro_rules! read {
    ($row:ident, $kinds:ident) => {{
        use sqlx::Row;
        use $crate::value::{Kind, Value};
        let read = |(place, kind): (usize, &Kind)| match kind {
            Kind::Int => $row.try_get::<Option<i64>, _>(place).map(|value| value.map(Value::Int)),
            Kind::Text => $row.try_get::<Option<String>, _>(place).map(|value| value.map(Value::Text)),
            Kind::Bytes => $row
                .try_get::<Option<Vec<u8>>, _>(place)
                .map(|value| value.map(|bytes| Value::Bytes(Some(bytes)))),
        };
        let value = |column| read(column).unwrap_or(Some(Value::Odd));
        $kinds.iter().enumerate().map(value).collect::<$crate::value::Row>()
    }};
}
use read;
