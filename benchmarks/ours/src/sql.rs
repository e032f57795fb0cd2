//! store-sql in a database of its own: opening it, filling it with a million rows, leaving nothing behind.

use std::{process, time::Duration};

use session_core::{Clock, Expect, Record, Store, SystemClock};
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection, SqliteConnection};
use store_sql::{Durability, SqlOptions, SqlStore};

use crate::{keys::key, million};

const COLUMNS: &str = "session_id, atime, data, accessed_at, expires_at, owner, owned, revision";

/// Returns the store called `name`, or nothing where that is not one of these: with our defaults, which are WAL and
/// `synchronous = FULL` on SQLite, or with less durability, or with each call alone.
///
/// On a server it has a table of this process, which is to be dropped in the end.
pub(crate) async fn open(name: &str, place: &str) -> Option<SqlStore> {
    let (database, variant) = name.split_once('-').unwrap_or((name, ""));
    let options = match variant {
        "process" => SqlOptions::default().durability(Durability::Process),
        "alone" => SqlOptions::default().coalesce(false),
        _ => SqlOptions::default(),
    };
    let url = match database {
        "sqlite" => url(place),
        "postgres" | "mariadb" => place.to_owned(),
        _ => return None,
    };
    SqlStore::migrate(&url, &table()).await.unwrap();
    Some(SqlStore::connect_with(&url, &table(), options).await.unwrap())
}

fn url(folder: &str) -> String {
    format!("sqlite:{folder}/sessions.sqlite")
}

fn table() -> String {
    format!("ours_{}", process::id())
}

/// Leaves nothing behind in a database that is not ours alone.
pub(crate) async fn clean_up(name: &str, place: &str) {
    let drop = AssertSqlSafe(format!("drop table if exists {}", table()));
    if name.starts_with("postgres") {
        let mut connection = PgConnection::connect(place).await.unwrap();
        sqlx::query(drop).execute(&mut connection).await.unwrap();
    } else if name.starts_with("mariadb") {
        let mut connection = MySqlConnection::connect(place).await.unwrap();
        sqlx::query(drop).execute(&mut connection).await.unwrap();
    }
}

/// Makes `count` copies of one row that the store wrote, each under a key of its own, to live for so long from now.
pub(crate) async fn multiply(name: &str, place: &str, store: &dyn Store, count: usize, lives: Duration) {
    let now = SystemClock.now();
    let template = key(usize::MAX - 1);
    let record = Record {
        data: million::data(),
        accessed_at: now,
        expires_at: now + Duration::from_secs(7 * 24 * 3_600),
        owner: None,
    };
    match store.save(&template, &record, Expect::Absent, now).await {
        Ok(_) | Err(session_core::Error::Exists) => {}
        Err(error) => panic!("{error}"),
    }
    let (table, expires_at) = (table(), (now + lives).as_millis());
    let one = format!("(select * from {table} where session_id = '{template}') one");
    if name == "sqlite" {
        let copies = format!(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < {count})
             insert into {table} ({COLUMNS}) select lower(hex(randomblob(16))), atime, data, accessed_at,
             {expires_at}, owner, owned, revision from n, {one}"
        );
        let mut connection = SqliteConnection::connect(&url(place)).await.unwrap();
        sqlx::query(AssertSqlSafe(copies)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    } else {
        let copies = format!(
            "insert into {table} ({COLUMNS}) select md5(random()::text || i), atime, data, accessed_at,
             {expires_at}, owner, owned, revision from generate_series(1, {count}) i, {one}"
        );
        let mut connection = PgConnection::connect(place).await.unwrap();
        sqlx::query(AssertSqlSafe(copies)).execute(&mut connection).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("analyze {table}"))).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
}
