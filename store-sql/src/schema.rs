//! Looking whether a table fits.

use std::collections::HashMap;

use session_core::Result;

use crate::{
    call::{Call, Connections},
    dialect::{Column, Mend, Schema, Statements},
    driver::Driver,
    fault::{self, Cause},
    table::Table,
    value::{Answer, Kind, Value},
};

/// What is looked up of each column.
pub(crate) const COLUMN: &[Kind] = &[Kind::Text, Kind::Text, Kind::Int];

/// What gives a row where the key is unique.
pub(crate) const UNIQUE: &[Kind] = &[Kind::Int];

/// What gives the name of an index.
const INDEX: &[Kind] = &[Kind::Text];

/// Refuses a table that is not what the statements need, and returns those that this server understands.
pub(crate) async fn check<D: Driver>(
    connections: &Connections<D>,
    table: &Table,
    call: Call,
) -> Result<Statements> {
    let schema = D::DIALECT.schema(table);
    let rows = connections.read(&call, &schema.look, Vec::new, COLUMN).await?;
    let unique = connections.read(&call, &schema.look_for_unique, Vec::new, UNIQUE).await?;
    let judged = match Found::parse(rows) {
        found if found.is_empty() => Err(Cause::NoTable),
        found => judge(&schema, &found, !unique.rows.is_empty(), |_, _| false),
    };
    judged.map_err(|cause| fault::not_applied("use its table", cause))?;
    let Some(look) = &schema.look_for_key_index else { return Ok(D::DIALECT.statements(table, None)) };
    let index = connections.read(&call, look, Vec::new, INDEX).await?.rows.into_iter().next();
    match index.as_deref() {
        Some([Some(Value::Text(name))]) => Ok(D::DIALECT.statements(table, Some(name))),
        _ => Ok(D::DIALECT.statements(table, None)),
    }
}

/// A column as it is: its type in lower case, and whether an INSERT must name it.
pub(crate) struct Found {
    kind: String,
    is_required: bool,
}

impl Found {
    /// Reads the columns that there are, by name; none where there is no table.
    pub(crate) fn parse(answer: Answer) -> HashMap<String, Self> {
        let column = |row: crate::value::Row| match <[Option<Value>; 3]>::try_from(row) {
            Ok([Some(Value::Text(name)), Some(Value::Text(kind)), Some(Value::Int(required))]) => {
                Some((name, Self { kind: kind.to_lowercase(), is_required: required != 0 }))
            }
            _ => None,
        };
        answer.rows.into_iter().filter_map(column).collect()
    }

    fn is_one_of(&self, types: &[&str], is: impl Fn(&str, &str) -> bool) -> bool {
        types.iter().any(|kind| is(&self.kind, kind))
    }
}

/// Returns the statement that makes a column what it has to be, where a migration may do that: it adds what is missing, and
/// changes the types that lose nothing by it.
pub(crate) fn mend<'a>(column: &'a Column, there: Option<&Found>) -> Option<&'a crate::dialect::Sql> {
    match (&column.mend, there) {
        (Some(Mend::Add(sql)), None) => Some(sql),
        (Some(Mend::Change { from, sql }), Some(there))
            if there.is_one_of(from, |kind, from| kind.starts_with(from)) =>
        {
            Some(sql)
        }
        _ => None,
    }
}

/// Names the first column that does not fit, unless it is `accepted` as it is.
pub(crate) fn judge(
    schema: &Schema,
    found: &HashMap<String, Found>,
    is_unique: bool,
    accepted: impl Fn(&Column, Option<&Found>) -> bool,
) -> Result<(), Cause> {
    let named = |name: &str, why| Err(Cause::Column(name.into(), why));
    let fits = |column: &Column, there: &Found| there.is_one_of(column.types, schema.is_type);
    for column in &schema.columns {
        match found.get(column.name) {
            there if there.is_some_and(|there| fits(column, there)) || accepted(column, there) => {}
            None => {
                return named(
                    column.name,
                    "is missing: call `SqlStore::migrate`, or add it as `SqlStore::schema` shows",
                );
            }
            there if mend(column, there).is_some() => {
                return named(column.name, "has another type: call `SqlStore::migrate`, which changes it");
            }
            Some(_) => {
                return named(
                    column.name,
                    "has another type: change it as `SqlStore::schema` shows, or use another table",
                );
            }
        }
    }
    if !is_unique {
        return named("session_id", "is not UNIQUE: change it as `SqlStore::schema` shows");
    }
    let ours = |name: &str| schema.columns.iter().any(|column| column.name == name);
    let mut others = found.iter().filter(|(name, there)| there.is_required && !ours(name));
    match others.next() {
        Some((name, _)) => {
            named(name, "is not ours, and takes neither NULL nor a default: let it take one of them")
        }
        None => Ok(()),
    }
}
