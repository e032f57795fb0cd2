//! What is said to SQLite.

use crate::{
    bulk::Bulk,
    dialect::{Column, Index, Lock, Mend, Schema, Statements},
    evict::Evict,
    gather::CALLS_MAX,
    table::Table,
};

pub(super) fn statements(table: &Table) -> Statements {
    let table = table.quoted('"');
    let record = "session_id, data, accessed_at, expires_at, owner, revision";
    Statements {
        create: format!(
            "INSERT INTO {table} (session_id, data, atime, accessed_at, expires_at, owner, owned, revision) \
             VALUES (?1, ?2, datetime(min(?3 / 1000, 253402300799), 'unixepoch'), ?4, ?5, ?6, ?7, ?8) \
             ON CONFLICT (session_id) DO NOTHING"
        )
        .into(),
        save: format!(
            "UPDATE {table} SET data = ?1, atime = datetime(min(?2 / 1000, 253402300799), 'unixepoch'), \
             accessed_at = ?3, expires_at = ?4, owner = ?5, owned = ?6, revision = ?7 \
             WHERE session_id = ?8 AND revision = ?9 AND expires_at > ?10"
        )
        .into(),
        touch: format!(
            "UPDATE {table} SET atime = datetime(min(?1 / 1000, 253402300799), 'unixepoch'), \
             accessed_at = ?2, expires_at = ?3, revision = ?4 \
             WHERE session_id = ?5 AND revision = ?6 AND expires_at > ?7"
        )
        .into(),
        delete: format!("DELETE FROM {table} WHERE session_id = ?1 AND revision IS NOT NULL").into(),
        load: format!("SELECT {record} FROM {table} WHERE session_id = ?1 AND revision IS NOT NULL").into(),
        look: format!(
            "SELECT expires_at, revision FROM {table} WHERE session_id = ?1 AND revision IS NOT NULL"
        )
        .into(),
        sweep: format!(
            "DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} \
             WHERE expires_at <= ?1 AND session_id <> ?2 AND revision IS NOT NULL ORDER BY expires_at LIMIT ?3)"
        )
        .into(),
        evict: Evict::Told(
            format!(
                "DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} \
                 WHERE owned = ?1 AND session_id <> ?2 AND revision IS NOT NULL \
                 ORDER BY accessed_at LIMIT ?3) RETURNING session_id"
            )
            .into(),
        ),
        page: format!(
            "SELECT {record} FROM {table} WHERE session_id > ?1 AND revision IS NOT NULL AND expires_at > ?2 \
             ORDER BY session_id LIMIT ?3"
        )
        .into(),
        owned_by: format!(
            "SELECT {record} FROM {table} WHERE owner = ?1 AND revision IS NOT NULL AND expires_at > ?2 \
             ORDER BY session_id"
        )
        .into(),
        count: format!("SELECT count(*) FROM {table} WHERE expires_at > ?1").into(),
        // Reads do not wait for each other, nor for a sync.
        loads: None,
        creates: Some(Bulk::rows(CALLS_MAX, 7, |rows| {
            format!(
                "INSERT INTO {table} \
                 (session_id, data, atime, accessed_at, expires_at, owner, owned, revision) \
                 SELECT column1, column2, datetime(min(column3 / 1000, 253402300799), 'unixepoch'), column3, \
                 column4, column5, column6, column7 FROM (VALUES {rows}) WHERE column1 IS NOT NULL \
                 ON CONFLICT (session_id) DO NOTHING RETURNING session_id"
            )
        })),
        changes: Some(Bulk::rows(CALLS_MAX, 9, |rows| {
            format!(
                "UPDATE {table} AS old SET data = coalesce(new.data, old.data), \
                 atime = datetime(min(new.accessed / 1000, 253402300799), 'unixepoch'), \
                 accessed_at = new.accessed, expires_at = new.expires, \
                 owner = CASE WHEN new.data IS NULL THEN old.owner ELSE new.owner END, \
                 owned = coalesce(new.owned, old.owned), revision = new.revision \
                 FROM (SELECT column1 AS key, column2 AS data, column3 AS accessed, column4 AS expires, \
                 column5 AS owner, column6 AS owned, column7 AS revision, column8 AS expected, \
                 column9 AS now FROM (VALUES {rows})) AS new \
                 WHERE old.session_id = new.key AND old.revision = new.expected \
                 AND old.expires_at > new.now RETURNING session_id"
            )
        })),
        deletes: Some(Bulk::rows(CALLS_MAX, 1, |rows| {
            format!(
                "DELETE FROM {table} WHERE session_id IN (VALUES {rows}) AND revision IS NOT NULL \
                 RETURNING session_id"
            )
        })),
    }
}

pub(super) fn schema(table: &Table) -> Schema {
    let (name, table) = (table.name(), table.quoted('"'));
    let add = |column, types, definition| Column {
        name: column,
        types,
        mend: Some(Mend::Add(format!("ALTER TABLE {table} ADD COLUMN {column} {definition}").into())),
    };
    let index = |suffix, columns| Index {
        name: format!("{name}_{suffix}"),
        create: format!("CREATE INDEX \"{name}_{suffix}\" ON {table} ({columns})").into(),
    };
    Schema {
        create: format!(
            "CREATE TABLE {table} (\n  \
             session_id CHAR(128) UNIQUE NOT NULL,\n  \
             atime TIMESTAMP NOT NULL DEFAULT current_timestamp,\n  \
             data TEXT,\n  \
             accessed_at BIGINT,\n  \
             expires_at BIGINT,\n  \
             owner BLOB,\n  \
             owned SMALLINT,\n  \
             revision BIGINT\n)"
        )
        .into(),
        columns: vec![
            Column { name: "session_id", types: &["char", "varchar", "text"], mend: None },
            Column { name: "atime", types: &["timestamp", "datetime"], mend: None },
            Column { name: "data", types: &["text"], mend: None },
            add("accessed_at", &["bigint", "integer"], "BIGINT"),
            add("expires_at", &["bigint", "integer"], "BIGINT"),
            add("owner", &["blob"], "BLOB"),
            add("owned", &["smallint", "integer"], "SMALLINT"),
            add("revision", &["bigint", "integer"], "BIGINT"),
        ],
        // Any type may be declared, and a length behind it.
        is_type: |there, wanted| there.starts_with(wanted),
        indexes: vec![
            index("expires_at", "expires_at"),
            index("owner", "owner"),
            index("evict", "owned, accessed_at"),
        ],
        look: format!(
            "SELECT name, type, \"notnull\" = 1 AND dflt_value IS NULL AND pk = 0 \
             FROM pragma_table_info('{name}')"
        )
        .into(),
        look_at_indexes: format!("SELECT name FROM pragma_index_list('{name}')").into(),
        look_for_unique: format!(
            "SELECT 1 FROM pragma_index_list('{name}') AS l WHERE l.\"unique\" = 1 AND l.partial = 0 \
             AND (SELECT count(*) = 1 AND max(i.name) = 'session_id' FROM pragma_index_info(l.name) AS i)"
        )
        .into(),
        look_for_key_index: None,
    }
}

pub(super) fn lock() -> Lock {
    Lock { begin: "BEGIN IMMEDIATE".into(), take: None, end: "COMMIT".into() }
}
