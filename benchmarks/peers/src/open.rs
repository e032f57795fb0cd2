//! Every store of the peers by its name.

use std::time::Duration;

use harness::{handle_rounds, store_rounds};
use tower_sessions::{MemoryStore, SessionStore};
use tower_sessions_moka_store::MokaStore;
use tower_sessions_sqlx_store::{
    MySqlStore, PostgresStore, SqliteStore,
    sqlx::{
        mysql::MySqlPoolOptions,
        postgres::PgPoolOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};

use crate::{application, durable_files::DurableFiles, handles::Theirs as Handles, stored::Theirs};

/// How many connections a pool has: as many as ours.
const CONNECTIONS: u32 = 10;

/// Runs the body with `$store` bound to the store called `$name`, each time of another type.
macro_rules! with_store {
    ($name:expr, $place:expr, |$store:ident| $body:expr) => {
        match $name {
            "tower-memory" => {
                let $store = MemoryStore::default();
                $body
            }
            "tower-moka" => {
                let $store = MokaStore::new(None);
                $body
            }
            "tower-files" => {
                let $store = DurableFiles::open($place);
                $body
            }
            "tower-sqlite" => {
                let $store = sqlite($place).await;
                $body
            }
            "tower-postgres" => {
                let $store = postgres($place).await;
                $body
            }
            "tower-mysql" => {
                let $store = mysql($place).await;
                $body
            }
            other => panic!("there is no store called `{other}`"),
        }
    };
}

/// Measures the store called `name`, by itself, in `place`: a folder, or the URL of a database.
pub(crate) async fn store(name: &str, place: &str, bytes: usize, sessions: usize) {
    match name {
        "tower-memory" => store_rounds(Theirs::<_, 16>(MemoryStore::default()), bytes, sessions).await,
        "tower-moka" => store_rounds(Theirs::<_, 16>(MokaStore::new(None)), bytes, sessions).await,
        name => with_store!(name, place, |store| store_rounds(Theirs::<_, 1>(store), bytes, sessions).await),
    }
    clean_up(name, place).await;
}

/// Measures handles on the store called `name`.
pub(crate) async fn handle(name: &str, place: &str, bytes: usize, sessions: usize) {
    with_store!(name, place, |store| handle_rounds(Handles::new(store), bytes, sessions).await);
    clean_up(name, place).await;
}

/// Serves the counter with sessions in the store called `name`.
pub(crate) async fn serve(name: &str, place: &str) {
    with_store!(name, place, |store| application::serve(store).await);
    clean_up(name, place).await;
}

/// Opens a database whose answered commits survive a loss of power, as ours does: WAL with `synchronous = FULL`.
pub(crate) async fn sqlite(folder: &str) -> SqliteStore {
    let options = SqliteConnectOptions::new()
        .filename(format!("{folder}/sessions.sqlite"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(30));
    let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).connect_with(options).await.unwrap();
    let store = SqliteStore::new(pool);
    store.migrate().await.unwrap();
    store
}

pub(crate) async fn postgres(url: &str) -> PostgresStore {
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect(url).await.unwrap();
    let store = PostgresStore::new(pool).with_schema_name(schema()).unwrap();
    store.migrate().await.unwrap();
    store
}

async fn mysql(url: &str) -> MySqlStore {
    let pool = MySqlPoolOptions::new().max_connections(CONNECTIONS).connect(url).await.unwrap();
    let store = MySqlStore::new(pool).with_schema_name(schema()).unwrap();
    store.migrate().await.unwrap();
    store
}

/// Returns the schema of this process, which is dropped in the end.
pub(crate) fn schema() -> String {
    format!("peers_{}", std::process::id())
}

pub(crate) async fn clean_up(name: &str, place: &str) {
    if name == "tower-postgres" {
        crate::bulk::drop_schema(place, &schema()).await;
    } else if name == "tower-mysql" {
        crate::bulk::drop_database(place, &schema()).await;
    }
}

/// Any store of the peers that is fit for an application.
pub(crate) trait Fit: SessionStore + Clone {}

impl<S: SessionStore + Clone> Fit for S {}
