//! Many rows at once, as the store would have written them one by one.

use tower_sessions_sqlx_store::sqlx::{self, Connection, MySqlConnection, PgConnection, SqliteConnection};

/// Makes `count` copies of the only row of a store in SQLite, each under an id of its own.
pub(crate) async fn multiply_sqlite(folder: &str, count: usize, expires_in: &str) {
    let mut connection = SqliteConnection::connect(&format!("{folder}/sessions.sqlite")).await.unwrap();
    let copies = format!(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < {count})
         insert into tower_sessions select lower(hex(randomblob(11))), data, datetime('now', '{expires_in}')
         from n, (select data from tower_sessions limit 1)"
    );
    sqlx::query(&copies).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Makes `count` copies of one row of a store in PostgreSQL, each under an id of its own.
pub(crate) async fn multiply_postgres(url: &str, schema: &str, count: usize, expires_in: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let copies = format!(
        "insert into {schema}.session select substr(md5(random()::text || i), 1, 22), data, now() + interval '{expires_in}'
         from generate_series(1, {count}) i, (select data from {schema}.session limit 1) one"
    );
    sqlx::query(&copies).execute(&mut connection).await.unwrap();
    sqlx::query(&format!("analyze {schema}.session")).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

pub(crate) async fn drop_schema(url: &str, schema: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query(&format!("drop schema if exists {schema} cascade")).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Drops what MariaDB calls a schema.
pub(crate) async fn drop_database(url: &str, name: &str) {
    let mut connection = MySqlConnection::connect(url).await.unwrap();
    sqlx::query(&format!("drop database if exists {name}")).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}
