//! Making the table, and looking whether it fits.

use std::collections::HashMap;

use session_core::Result;
use sqlx::Connection;
use tokio::time::Instant;

use crate::{
    call::Connections,
    dialect::{Column, Schema, Sql},
    driver::{Driver, OptionsOf},
    fault::{self, Cause},
    options::SqlOptions,
    own,
    table::Table,
    value::{Answer, Kind, Value},
};

const COLUMN: &[Kind] = &[Kind::Text, Kind::Text, Kind::Int];

/// Refuses a table that is not what the statements need.
pub(crate) async fn check<D: Driver>(connections: &Connections<D>, table: &Table) -> Result<()> {
    let (schema, call) = (D::DIALECT.schema(table), connections.call("look at its table"));
    let rows = connections.read(&call, &schema.look, Vec::new, COLUMN).await?;
    let unique = connections.read(&call, &schema.look_for_unique, Vec::new, &[Kind::Int]).await?;
    judge(&schema, &found(rows), !unique.rows.is_empty())
        .map_err(|cause| fault::not_applied("use its table", cause))
}

/// A column as it is: its type in lower case, and whether an INSERT must name it.
struct Found {
    kind: String,
    is_required: bool,
}

fn found(answer: Answer) -> HashMap<String, Found> {
    let column = |row: crate::value::Row| match <[Option<Value>; 3]>::try_from(row) {
        Ok([Some(Value::Text(name)), Some(Value::Text(kind)), Some(Value::Int(required))]) => {
            Some((name, Found { kind: kind.to_lowercase(), is_required: required != 0 }))
        }
        _ => None,
    };
    answer.rows.into_iter().filter_map(column).collect()
}

fn judge(schema: &Schema, found: &HashMap<String, Found>, is_unique: bool) -> Result<(), Cause> {
    if found.is_empty() {
        return Err(Cause::NoTable);
    }
    for column in &schema.columns {
        match found.get(column.name) {
            None => return Err(Cause::Column(column.name.into(), "is missing")),
            Some(there) if !fits(column, there) => {
                return Err(Cause::Column(column.name.into(), "has another type"));
            }
            Some(_) => {}
        }
    }
    if !is_unique {
        return Err(Cause::Column("session_id".into(), "is not UNIQUE"));
    }
    let ours = |name: &str| schema.columns.iter().any(|column| column.name == name);
    let mut others = found.iter().filter(|(name, there)| there.is_required && !ours(name));
    match others.next() {
        Some((name, _)) => {
            Err(Cause::Column(name.clone(), "is not ours, and takes neither NULL nor a default"))
        }
        None => Ok(()),
    }
}

fn fits(column: &Column, found: &Found) -> bool {
    column.types.iter().any(|kind| found.kind.starts_with(kind))
}

/// Makes the table, or mends one that the manual's statement or an older version made.
///
/// It works on a connection of its own that is closed in the end, so that nothing is left open when it is interrupted.
pub(crate) async fn migrate<D: Driver>(
    connect: &OptionsOf<D>,
    table: &Table,
    options: &SqlOptions,
) -> Result<()> {
    let failed = |cause| fault::sent("migrate its table", cause);
    let mut connection = own::open::<D>(connect, Instant::now() + options.timeout).await.map_err(failed)?;
    let schema = D::DIALECT.schema(table);
    let migrated = match lock::<D>(&mut connection, &schema, options).await {
        Ok(()) => match mend::<D>(&mut connection, &schema).await {
            Ok(()) => raw::<D>(&mut connection, &schema.unlock).await,
            Err(cause) => Err(cause),
        },
        Err(cause) => Err(cause),
    };
    // What was not committed is undone with it.
    let _ = connection.close().await;
    migrated.map_err(failed)
}

async fn lock<D: Driver>(
    connection: &mut D::Connection,
    schema: &Schema,
    options: &SqlOptions,
) -> Result<(), Cause> {
    let deadline = Instant::now() + 4 * options.timeout;
    loop {
        match raw::<D>(connection, &schema.lock).await {
            Err(cause) if cause.is_passing() && Instant::now() < deadline => {}
            locked => return locked,
        }
    }
}

async fn mend<D: Driver>(connection: &mut D::Connection, schema: &Schema) -> Result<(), Cause> {
    if look::<D>(connection, schema).await?.is_empty() {
        raw::<D>(connection, &schema.create).await?;
    }
    let there = look::<D>(connection, schema).await?;
    for column in &schema.columns {
        match (&column.mend, there.get(column.name)) {
            (_, Some(there)) if fits(column, there) => {}
            (Some(mend), _) => raw::<D>(connection, mend).await?,
            // It is named when the store is opened.
            (None, _) => {}
        }
    }
    let indexes = run::<D>(connection, &schema.look_at_indexes, &[Kind::Text]).await?;
    let is_there = |name: &str| {
        let mut rows = indexes.rows.iter();
        rows.any(|row| matches!(row.as_slice(), [Some(Value::Text(text))] if text == name))
    };
    for index in schema.indexes.iter().filter(|index| !is_there(&index.name)) {
        raw::<D>(connection, &index.create).await?;
    }
    judge(schema, &look::<D>(connection, schema).await?, true)
}

async fn look<D: Driver>(
    connection: &mut D::Connection,
    schema: &Schema,
) -> Result<HashMap<String, Found>, Cause> {
    run::<D>(connection, &schema.look, COLUMN).await.map(found)
}

async fn run<D: Driver>(
    connection: &mut D::Connection,
    sql: &Sql,
    kinds: &'static [Kind],
) -> Result<Answer, Cause> {
    let ran = D::run(connection, sql.clone(), Vec::new(), Some(kinds)).await;
    ran.map_err(|error| fault::cause(error, D::cause))
}

async fn raw<D: Driver>(connection: &mut D::Connection, sql: &Sql) -> Result<(), Cause> {
    D::run_raw(connection, sql.clone()).await.map_err(|error| fault::cause(error, D::cause))
}
