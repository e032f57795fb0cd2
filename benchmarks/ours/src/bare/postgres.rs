//! sqlx on PostgreSQL by hand: a statement for each operation, ten connections.

use std::{hint::black_box, process};

use harness::{Loads, Saves, Values};
use sqlx::{AssertSqlSafe, PgPool, postgres::PgPoolOptions};

use super::bytes::Bytes;
use crate::keys::key;

pub(crate) struct Postgres {
    pool: PgPool,
    table: String,
}

impl Postgres {
    pub(crate) async fn open(url: &str) -> Self {
        let pool = PgPoolOptions::new().max_connections(10).connect(url).await.unwrap();
        let bare = Self { pool, table: format!("bare_{}", process::id()) };
        bare.run("create table {} (id bytea primary key, data bytea not null, expires_at bigint not null)")
            .await;
        bare
    }

    pub(crate) async fn drop_table(&self) {
        self.run("drop table {}").await;
    }

    async fn run(&self, statement: &str) {
        sqlx::query(AssertSqlSafe(self.named(statement))).execute(&self.pool).await.unwrap();
    }

    async fn write(&self, statement: &str, place: usize, data: Vec<u8>, change: u64) {
        let (id, expires_at) = (key(place).as_bytes().to_vec(), change as i64);
        let query = sqlx::query(AssertSqlSafe(self.named(statement))).bind(data).bind(expires_at).bind(id);
        query.execute(&self.pool).await.unwrap();
    }

    /// Returns a statement with the name of the table.
    fn named(&self, statement: &str) -> String {
        statement.replace("{}", &self.table)
    }
}

impl Saves for &'static Postgres {
    type Hand = Bytes;

    fn hand(&self, values: &Values) -> Bytes {
        Bytes::of(values)
    }

    async fn create(&self, hand: &mut Bytes, place: usize) {
        let statement = "insert into {} (data, expires_at, id) values ($1, $2, $3)";
        self.write(statement, place, hand.change(place as u64), place as u64).await;
    }

    async fn save(&self, hand: &mut Bytes, place: usize, change: u64) {
        let statement = "update {} set data = $1, expires_at = $2 where id = $3";
        self.write(statement, place, hand.change(change), change).await;
    }
}

impl Loads for &'static Postgres {
    async fn load(&self, place: usize) {
        let statement = AssertSqlSafe(self.named("select data from {} where id = $1"));
        let query = sqlx::query_scalar::<_, Vec<u8>>(statement).bind(key(place).as_bytes().to_vec());
        black_box(query.fetch_one(&self.pool).await.unwrap());
    }
}
