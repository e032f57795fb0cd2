//! Making the table, or what it lacks.

use std::{collections::HashMap, time::Duration};

use session_core::Result;
use sqlx::Connection;
use tokio::time::{Instant, timeout_at};

use crate::{
    dialect::{Lock, Schema, Sql},
    driver::{Driver, OptionsOf},
    fault::{self, Cause},
    own,
    schema::{self, Found},
    table::Table,
    value::{Answer, Kind, Value},
};

/// How long a migration waits for others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// For those who migrate the same table.
    pub(crate) others: Duration,
    /// For a lock on the table, while those who come later wait for the migration.
    pub(crate) table: Duration,
}

impl Patience {
    /// Returns how long one waits whose calls take so long.
    fn of(timeout: Duration) -> Self {
        Self { others: 4 * timeout, table: timeout }
    }
}

/// Makes the table, or mends one that the manual's statement or an older version made.
///
/// It works on a connection of its own that is closed in the end, so that nothing is left open when it is interrupted.
pub(crate) async fn migrate<D: Driver>(
    connect: &OptionsOf<D>,
    table: &Table,
    timeout: Duration,
) -> Result<()> {
    const ACTION: &str = "migrate its table";
    let of_a_migration = |cause| match cause {
        Cause::Locked | Cause::Busy(_) => Cause::Held,
        Cause::Denied => Cause::MigrationDenied,
        cause => cause,
    };
    let opened = own::open::<D>(connect, Instant::now() + timeout).await;
    let mut connection = opened.map_err(|cause| fault::not_applied(ACTION, of_a_migration(cause)))?;
    let mut migration =
        Migration::<D> { connection: &mut connection, schema: D::DIALECT.schema(table), has_changed: false };
    let patience = Patience::of(timeout);
    let migrated = migration.run(&D::DIALECT.lock(table, patience), patience).await;
    let has_changed = migration.has_changed && !D::UNDOES_MIGRATIONS;
    // What was not committed is undone with it; a server that does not hear of it does so all the same.
    let _ = timeout_at(Instant::now() + timeout, connection.close()).await;
    let failed = migrated.map_err(|cause| fault::sent(ACTION, of_a_migration(cause)));
    failed.map_err(|error| if has_changed { fault::partly(ACTION, error) } else { error })
}

struct Migration<'a, D: Driver> {
    connection: &'a mut D::Connection,
    schema: Schema,
    has_changed: bool,
}

impl<D: Driver> Migration<'_, D> {
    async fn run(&mut self, lock: &Lock, patience: Patience) -> Result<(), Cause> {
        let until = Instant::now() + patience.others;
        // What a server was told to give up, it gives up by itself; this is for one that hangs.
        match timeout_at(until + patience.table, self.take(lock, until)).await {
            Ok(taken) => taken?,
            Err(_) => return Err(Cause::TimedOut),
        }
        self.mend().await?;
        self.when_free(&lock.end, until).await
    }

    async fn take(&mut self, lock: &Lock, until: Instant) -> Result<(), Cause> {
        self.when_free(&lock.begin, until).await?;
        let Some(take) = &lock.take else { return Ok(()) };
        let taken = self.read(take, &[Kind::Int]).await?.rows;
        let is_taken = taken.first().is_some_and(|row| matches!(row.as_slice(), [Some(Value::Int(1))]));
        if is_taken { Ok(()) } else { Err(Cause::Locked) }
    }

    async fn mend(&mut self) -> Result<(), Cause> {
        if self.look().await?.is_empty() {
            self.change(&self.schema.create.clone()).await?;
        }
        let there = self.look().await?;
        let unique = self.read(&self.schema.look_for_unique.clone(), schema::UNIQUE).await?;
        // Nothing is changed in a table that would not fit in the end.
        let can_be_mended = |column: &_, there: Option<&_>| schema::mend(column, there).is_some();
        schema::judge(&self.schema, &there, !unique.rows.is_empty(), can_be_mended)?;
        let mends =
            self.schema.columns.iter().filter_map(|column| schema::mend(column, there.get(column.name)));
        for mend in mends.cloned().collect::<Vec<_>>() {
            self.change(&mend).await?;
        }
        let indexes = self.read(&self.schema.look_at_indexes.clone(), &[Kind::Text]).await?;
        let is_there = |name: &str| {
            let mut rows = indexes.rows.iter();
            rows.any(|row| matches!(row.as_slice(), [Some(Value::Text(text))] if text == name))
        };
        let missing = self.schema.indexes.iter().filter(|index| !is_there(&index.name));
        for create in missing.map(|index| index.create.clone()).collect::<Vec<_>>() {
            self.change(&create).await?;
        }
        let there = self.look().await?;
        schema::judge(&self.schema, &there, true, |_, _| false)
    }

    async fn look(&mut self) -> Result<HashMap<String, Found>, Cause> {
        self.read(&self.schema.look.clone(), schema::COLUMN).await.map(Found::parse)
    }

    async fn read(&mut self, sql: &Sql, kinds: &'static [Kind]) -> Result<Answer, Cause> {
        let ran = D::run(self.connection, sql.clone(), Vec::new(), Some(kinds)).await;
        ran.map_err(|error| fault::cause(error, D::cause).of_a_statement())
    }

    async fn change(&mut self, sql: &Sql) -> Result<(), Cause> {
        let changed = self.raw(sql).await;
        self.has_changed |= changed.is_ok();
        changed
    }

    /// Runs a statement again and again as long as another process holds the lock of the file; a server waits by itself.
    async fn when_free(&mut self, sql: &Sql, until: Instant) -> Result<(), Cause> {
        loop {
            match self.raw(sql).await {
                Err(Cause::Locked) if Instant::now() < until => {}
                ran => return ran,
            }
        }
    }

    async fn raw(&mut self, sql: &Sql) -> Result<(), Cause> {
        let ran = D::run_raw(self.connection, sql.clone()).await;
        ran.map_err(|error| fault::cause(error, D::cause).of_a_statement())
    }
}
