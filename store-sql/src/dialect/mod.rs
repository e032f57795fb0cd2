//! What is said to each of the databases.

mod mysql;
mod postgres;
mod sqlite;

use std::sync::Arc;

use crate::{bulk::Bulk, evict::Evict, migrate::Patience, table::Table};

/// A database, by what it understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MariaDB and MySQL.
    MySql,
}

impl Dialect {
    /// Returns the statements of the store for `table`; `key_index` is what `look_for_key_index` gave.
    pub(crate) fn statements(self, table: &Table, key_index: Option<&str>) -> Statements {
        match self {
            Self::Sqlite => sqlite::statements(table),
            Self::Postgres => postgres::statements(table),
            Self::MySql => {
                let changes = key_index.map(|key_index| mysql::changes(table, key_index));
                Statements { changes, ..mysql::statements(table) }
            }
        }
    }

    /// Returns what `table` is made of.
    pub(crate) fn schema(self, table: &Table) -> Schema {
        match self {
            Self::Sqlite => sqlite::schema(table),
            Self::Postgres => postgres::schema(table),
            Self::MySql => mysql::schema(table),
        }
    }

    /// Returns what keeps others out who migrate `table`.
    pub(crate) fn lock(self, table: &Table, patience: Patience) -> Lock {
        match self {
            Self::Sqlite => sqlite::lock(),
            Self::Postgres => postgres::lock(patience),
            Self::MySql => mysql::lock(table, patience),
        }
    }
}

/// One statement, as it is sent.
pub(crate) type Sql = Arc<str>;

/// The statements of the calls. Behind each stands what is bound, in order.
///
/// A row without a revision is not ours: no statement reads, changes or deletes it. What is written is written
/// where its condition holds, in one statement that is a transaction by itself.
#[derive(Debug)]
pub(crate) struct Statements {
    /// Key, data, accessed (as `atime`), accessed, expires, owner, owned, revision; no row where the key is taken.
    pub(crate) create: Sql,
    /// Data, accessed (as `atime`), accessed, expires, owner, owned, revision; key, expected revision, now.
    pub(crate) save: Sql,
    /// Accessed (as `atime`), accessed, expires, revision; key, expected revision, now.
    pub(crate) touch: Sql,
    /// Key.
    pub(crate) delete: Sql,
    /// Key; gives a record.
    pub(crate) load: Sql,
    /// Key; gives expires and revision.
    pub(crate) look: Sql,
    /// Now, key to spare, limit.
    pub(crate) sweep: Sql,
    pub(crate) evict: Evict,
    /// Key before the first, now, limit; gives records.
    pub(crate) page: Sql,
    /// Owner, now; gives records.
    pub(crate) owned_by: Sql,
    /// Now; gives a number.
    pub(crate) count: Sql,
    /// Keys; gives records.
    pub(crate) loads: Option<Bulk>,
    /// For each row: key, data, accessed, expires, owner, owned, revision; gives the keys of those that were not taken.
    pub(crate) creates: Option<Bulk>,
    /// For each row: key, data, accessed, expires, owner, owned, revision, expected revision, now; gives the keys of those that
    /// were as expected. Without data it is a touch: data and owner stay. A row that somebody else is writing may be passed over.
    pub(crate) changes: Option<Bulk>,
    /// Keys; gives those that were there.
    pub(crate) deletes: Option<Bulk>,
}

impl Statements {
    /// Returns those that look for rows, by their names.
    pub(crate) fn that_look(&self) -> Vec<(&'static str, Sql)> {
        let one = [
            ("save", &self.save),
            ("touch", &self.touch),
            ("delete", &self.delete),
            ("load", &self.load),
            ("look", &self.look),
            ("sweep", &self.sweep),
            ("page", &self.page),
            ("owned_by", &self.owned_by),
            ("count", &self.count),
        ];
        let many = [
            ("loads", &self.loads),
            ("creates", &self.creates),
            ("changes", &self.changes),
            ("deletes", &self.deletes),
        ];
        let evict = match &self.evict {
            Evict::Told(sql) => vec![("evict", sql)],
            Evict::Untold { first_to_go, delete, left } => {
                vec![("first_to_go", first_to_go), ("evict_these", delete.sql(2)), ("left", left.sql(2))]
            }
        };
        let many = many.iter().filter_map(|(name, bulk)| Some((*name, bulk.as_ref()?.sql(2))));
        one.into_iter().chain(evict).chain(many).map(|(name, sql)| (name, Sql::clone(sql))).collect()
    }
}

/// What a table is made of, and how to look at one.
#[derive(Debug)]
pub(crate) struct Schema {
    /// Makes the table with all its columns.
    pub(crate) create: Sql,
    pub(crate) columns: Vec<Column>,
    /// Whether a column that is of the first type will do where the second one is wanted.
    pub(crate) is_type: fn(&str, &str) -> bool,
    pub(crate) indexes: Vec<Index>,
    /// Gives name, type, and 1 where an INSERT must name it, of each column there is; none without a table.
    pub(crate) look: Sql,
    /// Gives the name of each index there is.
    pub(crate) look_at_indexes: Sql,
    /// Gives 1 where no two rows can have the same key.
    pub(crate) look_for_unique: Sql,
    /// Gives the name of the index of the key, where server and table are fit for `changes`; `None` where all are.
    pub(crate) look_for_key_index: Option<Sql>,
}

/// What keeps others out who migrate the same table.
#[derive(Debug)]
pub(crate) struct Lock {
    /// Sets how long is waited, and begins what the end ends.
    pub(crate) begin: Sql,
    /// Takes the lock where the beginning does not, and gives 1 when it is had.
    pub(crate) take: Option<Sql>,
    /// Lets them in again, and commits where that is not done already.
    pub(crate) end: Sql,
}

/// A column of the table.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    /// The types it may have, in lower case, as `is_type` takes them.
    pub(crate) types: &'static [&'static str],
    pub(crate) mend: Option<Mend>,
}

/// What a migration does about a column.
#[derive(Debug)]
pub(crate) enum Mend {
    /// Adds it where it is missing.
    Add(Sql),
    /// Changes it where its type begins so, in lower case.
    Change { from: &'static [&'static str], sql: Sql },
}

/// An index of the table.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) name: String,
    pub(crate) create: Sql,
}

impl Schema {
    /// Returns all statements that make the table, for people who run them by hand.
    pub(crate) fn text(&self) -> String {
        let statements = [&self.create].into_iter().chain(self.indexes.iter().map(|index| &index.create));
        statements.map(|statement| format!("{statement};\n")).collect()
    }
}
