//! redb with a transaction for each save.

use std::{path::Path, sync::Arc};

use redb::Database;
use tokio::task::spawn_blocking;

use crate::{
    load::{Keeps, Record},
    redb_tables::{self, Tables},
};

/// In the task that saves: no thread is changed, and the runtime stands still meanwhile.
pub(crate) struct Alone {
    database: Arc<Database>,
}

/// In a thread for what blocks, as a program has to that answers others meanwhile.
pub(crate) struct Aside(pub(crate) Alone);

impl Alone {
    pub(crate) fn open(path: &Path) -> Self {
        Self { database: Arc::new(redb_tables::open(path)) }
    }
}

fn save(database: &Database, n: usize, record: &Record, expected: Option<i64>) -> i64 {
    let transaction = redb_tables::begin(database);
    let revision = Tables::open(&transaction).save(n, record, expected);
    transaction.commit().unwrap();
    revision
}

impl Keeps for Alone {
    async fn save(&self, n: usize, record: Record, expected: Option<i64>) -> i64 {
        save(&self.database, n, &record, expected)
    }

    async fn load(&self, n: usize) -> usize {
        redb_tables::load(&self.database, n).len()
    }
}

impl Keeps for Aside {
    async fn save(&self, n: usize, record: Record, expected: Option<i64>) -> i64 {
        let database = Arc::clone(&self.0.database);
        spawn_blocking(move || save(&database, n, &record, expected)).await.unwrap()
    }

    async fn load(&self, n: usize) -> usize {
        self.0.load(n).await
    }
}
