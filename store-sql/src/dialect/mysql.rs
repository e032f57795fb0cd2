//! What is said to MariaDB and MySQL.

use crate::{
    bulk::Bulk,
    dialect::{Column, Index, Lock, Mend, Schema, Statements},
    evict::{EVICTED_AT_ONCE, Evict},
    gather::CALLS_MAX,
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
        loads: None,
        creates: None,
        // Not every server has what it takes.
        changes: None,
        deletes: None,
    }
}

/// Returns the statement that makes many changes, on a server that gives the name of an index when asked by
/// `look_for_key_index`.
///
/// No UPDATE says which rows it wrote, but an INSERT does. This one inserts nothing: it selects keys that are there, whose rows it
/// holds from then on, so that each is a duplicate and is updated. What would be inserted otherwise is no session: it has no
/// revision.
///
/// What another process holds is passed over, so that nobody waits for others than itself, and no two wait for each other. The index
/// is named because a small table would be read, and so held, as a whole.
pub(super) fn changes(table: &Table, key_index: &str) -> Bulk {
    let (table, key_index) = (table.quoted('`'), key_index.replace('`', "``"));
    // MariaDB 10.11 keeps the rows in a table whose types it takes from what was bound to the statement at another time: values
    // of other lengths come back wrong, or end the server. So each has a type here, and what has no length of its own is no part
    // of a row.
    let row = |n: usize| {
        format!(
            "SELECT CAST(? AS CHAR(32) CHARACTER SET ascii) AS id, {n} AS n, CAST(? AS SIGNED) AS accessed, \
             CAST(? AS SIGNED) AS expires, CAST(? AS SIGNED) AS owned, CAST(? AS SIGNED) AS revision, \
             CAST(? AS SIGNED) AS expected, CAST(? AS SIGNED) AS now"
        )
    };
    // Data and owner.
    Bulk::of_sizes(CALLS_MAX, &[1, 4], |size| {
        let rows: Vec<_> = (1..=size).map(row).collect();
        let (rows, column) = (rows.join(" UNION ALL "), ", ?".repeat(size));
        format!(
            "INSERT INTO {table} (session_id) \
             SELECT there.session_id FROM ({rows}) AS given \
             STRAIGHT_JOIN {table} AS there FORCE INDEX (`{key_index}`) ON there.session_id = given.id \
             WHERE there.revision = given.expected AND there.expires_at > given.now \
             FOR UPDATE SKIP LOCKED \
             ON DUPLICATE KEY UPDATE \
             data = coalesce(CONVERT(ELT(given.n{column}) USING ascii), {table}.data), \
             atime = from_unixtime(least(greatest(given.accessed DIV 1000, 1), 2147483647)), \
             accessed_at = given.accessed, expires_at = given.expires, \
             owner = CASE WHEN given.owned IS NULL THEN {table}.owner ELSE ELT(given.n{column}) END, \
             owned = coalesce(given.owned, {table}.owned), revision = given.revision \
             RETURNING session_id"
        )
    })
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
        // A width may follow. A number without a sign is never read as an `i64`.
        is_type: |there, wanted| there.starts_with(wanted) && !there.contains("unsigned"),
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
        // RETURNING came with MariaDB 10.5, SKIP LOCKED with 10.6; MySQL has the latter alone. A duplicate in any
        // unique index would be updated, so there must be no other.
        look_for_key_index: Some(
            format!(
                "SELECT CAST(max(index_name) AS CHAR) FROM information_schema.statistics \
                 WHERE table_schema = database() AND table_name = '{name}' AND non_unique = 0 \
                 AND version() REGEXP '^(10[.]([6-9]|1[0-9])|1[1-9]|[2-9][0-9])[.].*MariaDB' \
                 HAVING count(*) = 1 AND max(column_name) = 'session_id'"
            )
            .into(),
        ),
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
