//! sqlx on SQLite by hand: a statement for each operation, one connection that writes and ten that read.

use std::{hint::black_box, time::Duration};

use harness::{Loads, Saves, Values};
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::bytes::Bytes;
use crate::keys::key;

pub(crate) struct Sqlite {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Sqlite {
    pub(crate) async fn open(folder: &str) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(format!("{folder}/bare.sqlite"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(30));
        let pool =
            |connections| SqlitePoolOptions::new().max_connections(connections).connect_with(options.clone());
        let writer = pool(1).await.unwrap();
        let table =
            "create table sessions (id blob primary key, data blob not null, expires_at integer not null)";
        sqlx::query(table).execute(&writer).await.unwrap();
        Self { writer, readers: pool(10).await.unwrap() }
    }

    async fn write(&self, statement: &'static str, place: usize, data: Vec<u8>, change: u64) {
        let (id, expires_at) = (key(place).as_bytes().to_vec(), change as i64);
        sqlx::query(statement).bind(data).bind(expires_at).bind(id).execute(&self.writer).await.unwrap();
    }
}

impl Saves for Sqlite {
    type Hand = Bytes;

    fn hand(&self, values: &Values) -> Bytes {
        Bytes::of(values)
    }

    async fn create(&self, hand: &mut Bytes, place: usize) {
        let statement = "insert into sessions (data, expires_at, id) values (?, ?, ?)";
        self.write(statement, place, hand.change(place as u64), place as u64).await;
    }

    async fn save(&self, hand: &mut Bytes, place: usize, change: u64) {
        let statement = "update sessions set data = ?, expires_at = ? where id = ?";
        self.write(statement, place, hand.change(change), change).await;
    }
}

impl Loads for Sqlite {
    async fn load(&self, place: usize) {
        let id = key(place).as_bytes().to_vec();
        let query = sqlx::query_scalar::<_, Vec<u8>>("select data from sessions where id = ?").bind(id);
        black_box(query.fetch_one(&self.readers).await.unwrap());
    }
}
