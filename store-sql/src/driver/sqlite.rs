//! SQLite.

use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt, str::FromStr, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Sqlite, SqliteConnection,
    error::DatabaseError,
    query::Query,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::{
    dialect::Dialect,
    driver::{Driver, OptionsOf, run},
    fault::Cause,
    gather::CALLS_MAX,
    options::{Durability, SqlOptions},
};

impl Driver for Sqlite {
    const DIALECT: Dialect = Dialect::Sqlite;

    // SQLite lets one write at a time. Who waits here waits in line; who waits there looks again now and then.
    const WRITERS: usize = 1;
    const BATCHES: usize = 1;
    const UNDOES_MIGRATIONS: bool = true;

    fn connect_options(url: &str, options: &SqlOptions) -> Result<OptionsOf<Self>, Cause> {
        let rest = url.trim_start_matches("sqlite:").trim_start_matches("//");
        if rest.is_empty() || rest.starts_with(":memory:") || rest.contains("mode=memory") {
            return Err(Cause::Url("sessions in SQLite need a file, such as sqlite:sessions.db"));
        }
        let connect = SqliteConnectOptions::from_str(url)
            .map_err(|_| Cause::Url("the URL is not understood: it should look like sqlite:sessions.db"))?;
        let synchronous = match options.durability {
            Durability::Power => SqliteSynchronous::Full,
            Durability::Process => SqliteSynchronous::Normal,
        };
        let connect = connect.journal_mode(SqliteJournalMode::Wal).synchronous(synchronous);
        Ok(connect
            .busy_timeout(BUSY.min(options.timeout / 8))
            .row_buffer_size(CALLS_MAX)
            .disable_statement_logging())
    }

    fn prepare(connect: OptionsOf<Self>) -> Result<OptionsOf<Self>, Cause> {
        // SQLite gives its other files the mode of this one.
        let made = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(connect.get_filename());
        made.map(|_| connect).map_err(|_| Cause::NoFile)
    }

    async fn hurry(connection: &mut Self::Connection, most: Duration) -> Result<Option<i64>, sqlx::Error> {
        let before: i64 = sqlx::query_scalar("PRAGMA busy_timeout").fetch_one(&mut *connection).await?;
        let most = i64::try_from(BUSY.min(most / 8).as_millis()).unwrap_or(0);
        if before <= most {
            return Ok(None);
        }
        wait(connection, most).await.map(|()| Some(before))
    }

    async fn relax(connection: &mut Self::Connection, before: i64) -> Result<(), sqlx::Error> {
        wait(connection, before).await
    }

    // No statement has a whole column as a parameter.
    run!(|query: Query<'static, Self, _>, _| query.bind(None::<i64>));

    fn cause(error: &dyn DatabaseError) -> Cause {
        let code = error.code().unwrap_or_default().into_owned();
        // The lower byte is the kind of error, the rest says more.
        match code.parse::<u32>().map(|code| code & 0xff) {
            Ok(5 | 6) => Cause::Locked,
            Ok(8) => Cause::ReadOnly,
            Ok(3 | 23) => Cause::Denied,
            Ok(10) => Cause::Disk(code),
            Ok(11 | 26) => Cause::NotADatabase,
            Ok(13) => Cause::Full,
            Ok(14) => Cause::NoFile,
            Ok(1) if error.message().starts_with("no such table") => Cause::NoTable,
            Ok(1) if error.message().contains("no column") || error.message().contains("no such column") => {
                Cause::NoColumn
            }
            _ => Cause::Refused(code),
        }
    }
}

/// How long SQLite waits for a lock before it is asked again. It looks at ever longer intervals, so that a process that
/// waits long would seldom meet a free moment; asked anew, it begins with short ones.
const BUSY: Duration = Duration::from_millis(100);

async fn wait(connection: &mut SqliteConnection, millis: i64) -> Result<(), sqlx::Error> {
    let pragma = format!("PRAGMA busy_timeout = {millis}");
    sqlx::raw_sql(AssertSqlSafe(pragma)).execute(connection).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_synced_as_the_options_say() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}?mode=rwc", folder.path().join("sessions.db").display());
        // SQLite's numbers: 1 is NORMAL and 2 is FULL.
        for (options, wanted) in [
            (SqlOptions::default(), 2),
            (SqlOptions::default().durability(Durability::Power), 2),
            (SqlOptions::default().durability(Durability::Process), 1),
        ] {
            let connect = Sqlite::connect_options(&url, &options).unwrap();
            let mut connection = connect.connect().await.unwrap();
            let synchronous =
                sqlx::query_scalar::<_, i64>("PRAGMA synchronous").fetch_one(&mut connection).await;
            assert_eq!(synchronous.unwrap(), wanted, "{options:?}");
            let journal =
                sqlx::query_scalar::<_, String>("PRAGMA journal_mode").fetch_one(&mut connection).await;
            assert_eq!(journal.unwrap(), "wal");
        }
    }
}
