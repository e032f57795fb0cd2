//! What is said to MariaDB and MySQL.

use crate::{
    bulk::Bulk,
    dialect::{Column, Index, Lock, Mend, Schema, Statements},
    evict::{EVICTED_AT_ONCE, Evict},
    migrate::Patience,
    table::Table,
};

pub(super) fn statements(table: &Table) -> Statements {
    let table = table.quoted('`');
    let record = "session_id, data, accessed_at, expires_at, owner, revision";
    Statements {
        // Not `INSERT IGNORE`, which would ignore more than a key that is taken: that one is an error here.
        create: format!(
            "INSERT INTO {table} (session_id, data, atime, accessed_at, expires_at, owner, owned, revision) \
             VALUES (?, ?, from_unixtime(least(greatest(? DIV 1000, 1), 2147483647)), ?, ?, ?, ?, ?)"
        )
        .into(),
        save: format!(
            "UPDATE {table} SET data = ?, \
             atime = from_unixtime(least(greatest(? DIV 1000, 1), 2147483647)), \
             accessed_at = ?, expires_at = ?, owner = ?, owned = ?, revision = ? \
             WHERE session_id = ? AND revision = ? AND expires_at > ?"
        )
        .into(),
        touch: format!(
            "UPDATE {table} SET atime = from_unixtime(least(greatest(? DIV 1000, 1), 2147483647)), \
             accessed_at = ?, expires_at = ?, revision = ? \
             WHERE session_id = ? AND revision = ? AND expires_at > ?"
        )
        .into(),
        delete: format!("DELETE FROM {table} WHERE session_id = ? AND revision IS NOT NULL").into(),
        load: format!("SELECT {record} FROM {table} WHERE session_id = ? AND revision IS NOT NULL").into(),
        look: format!(
            "SELECT expires_at, revision FROM {table} WHERE session_id = ? AND revision IS NOT NULL"
        )
        .into(),
        sweep: format!(
            "DELETE FROM {table} WHERE expires_at <= ? AND session_id <> ? AND revision IS NOT NULL \
             ORDER BY expires_at LIMIT ?"
        )
        .into(),
        // MySQL has no RETURNING.
        evict: Evict::Untold {
            first_to_go: format!(
                "SELECT session_id, accessed_at FROM {table} \
                 WHERE owned = ? AND session_id <> ? AND revision IS NOT NULL ORDER BY accessed_at LIMIT ?"
            )
            .into(),
            delete: Bulk::rows(EVICTED_AT_ONCE, 1, |rows| {
                format!(
                    "DELETE FROM {table} WHERE session_id IN ({rows}) AND owned = ? \
                     AND (accessed_at <= ? OR accessed_at IS NULL) AND revision IS NOT NULL"
                )
            }),
            left: Bulk::rows(EVICTED_AT_ONCE, 1, |rows| {
                format!(
                    "SELECT session_id FROM {table} WHERE session_id IN ({rows}) AND revision IS NOT NULL"
                )
            }),
        },
        page: format!(
            "SELECT {record} FROM {table} WHERE session_id > ? AND revision IS NOT NULL AND expires_at > ? \
             ORDER BY session_id LIMIT ?"
        )
        .into(),
        owned_by: format!(
            "SELECT {record} FROM {table} WHERE owner = ? AND revision IS NOT NULL AND expires_at > ? \
             ORDER BY session_id"
        )
        .into(),
        count: format!("SELECT count(*) FROM {table} WHERE expires_at > ?").into(),
        // Nothing is sent together: no UPDATE says which rows it found.
        loads: None,
        creates: None,
        changes: None,
        deletes: None,
    }
}

pub(super) fn schema(table: &Table) -> Schema {
    let (name, table) = (table.name(), table.quoted('`'));
    let add = |column, types, definition| Column {
        name: column,
        types,
        mend: Some(Mend::Add(format!("ALTER TABLE {table} ADD COLUMN {column} {definition}").into())),
    };
    let index = |suffix, columns| Index {
        name: format!("{name}_{suffix}"),
        create: format!("CREATE INDEX `{name}_{suffix}` ON {table} ({columns})").into(),
    };
    Schema {
        create: format!(
            "CREATE TABLE {table} (\n  \
             session_id CHAR(128) CHARACTER SET ascii COLLATE ascii_bin UNIQUE NOT NULL,\n  \
             atime TIMESTAMP NOT NULL DEFAULT current_timestamp,\n  \
             data MEDIUMTEXT,\n  \
             accessed_at BIGINT,\n  \
             expires_at BIGINT,\n  \
             owner VARBINARY(255),\n  \
             owned SMALLINT,\n  \
             revision BIGINT\n)"
        )
        .into(),
        columns: vec![
            Column { name: "session_id", types: &["char(128)"], mend: None },
            Column { name: "atime", types: &["timestamp"], mend: None },
            Column {
                name: "data",
                types: &["mediumtext", "longtext"],
                // TEXT ends at 64 KiB, and outside of strict mode what is longer is cut without an error.
                mend: Some(Mend::Change {
                    from: &["text", "tinytext", "varchar"],
                    sql: format!("ALTER TABLE {table} MODIFY data MEDIUMTEXT").into(),
                }),
            },
            add("accessed_at", &["bigint"], "BIGINT"),
            add("expires_at", &["bigint"], "BIGINT"),
            add("owner", &["varbinary(255)"], "VARBINARY(255)"),
            add("owned", &["smallint"], "SMALLINT"),
            add("revision", &["bigint"], "BIGINT"),
        ],
        indexes: vec![
            index("expires_at", "expires_at"),
            index("owner", "owner"),
            index("evict", "owned, accessed_at"),
        ],
        look: format!(
            "SELECT CAST(column_name AS CHAR), CAST(column_type AS CHAR), \
             CAST(is_nullable = 'NO' AND column_default IS NULL AND extra NOT LIKE '%auto_increment%' AS SIGNED) \
             FROM information_schema.columns WHERE table_schema = database() AND table_name = '{name}'"
        )
        .into(),
        look_at_indexes: format!(
            "SELECT DISTINCT CAST(index_name AS CHAR) FROM information_schema.statistics \
             WHERE table_schema = database() AND table_name = '{name}'"
        )
        .into(),
        look_for_unique: format!(
            "SELECT CAST(1 AS SIGNED) FROM information_schema.statistics \
             WHERE table_schema = database() AND table_name = '{name}' GROUP BY index_name \
             HAVING max(non_unique) = 0 AND count(*) = 1 AND max(column_name) = 'session_id'"
        )
        .into(),
    }
}

pub(super) fn lock(table: &Table, patience: Patience) -> Lock {
    // Such a lock is one of the whole server, and its name has 64 characters at most.
    let name = format!("concat('sessions.', sha1(concat(database(), '.{}')))", table.name());
    // Both are in seconds.
    let [others, table] = [patience.others, patience.table].map(|time| time.as_secs().max(1));
    Lock {
        begin: format!("SET SESSION lock_wait_timeout = {table}").into(),
        take: Some(format!("SELECT CAST(get_lock({name}, {others}) AS SIGNED)").into()),
        end: format!("SELECT release_lock({name})").into(),
    }
}
