//! What is said to PostgreSQL.
//!
//! A key is compared as `bpchar`, the type of the column: compared as `text`, no index would be used.

use crate::{
    bulk::Bulk,
    dialect::{Column, Index, Lock, Mend, Schema, Statements},
    evict::Evict,
    migrate::Patience,
    table::Table,
    value::Kind,
};

/// The number that those who migrate lock, which nobody else should.
const MIGRATION: i64 = 0x7365_7373_696f_6e73;

pub(super) fn statements(table: &Table) -> Statements {
    let table = table.quoted('"');
    let record = "session_id, data, accessed_at, expires_at, owner, revision";
    Statements {
        create: format!(
            "INSERT INTO {table} (session_id, data, atime, accessed_at, expires_at, owner, owned, revision) \
             VALUES ($1::bpchar, $2, to_timestamp(least($3::bigint / 1000, 253402300799)) AT TIME ZONE 'UTC', \
             $4, $5, $6, $7::bigint, $8) ON CONFLICT (session_id) DO NOTHING"
        )
        .into(),
        save: format!(
            "UPDATE {table} SET data = $1, \
             atime = to_timestamp(least($2::bigint / 1000, 253402300799)) AT TIME ZONE 'UTC', \
             accessed_at = $3, expires_at = $4, owner = $5, owned = $6::bigint, revision = $7 \
             WHERE session_id = $8::bpchar AND revision = $9 AND expires_at > $10"
        )
        .into(),
        touch: format!(
            "UPDATE {table} SET \
             atime = to_timestamp(least($1::bigint / 1000, 253402300799)) AT TIME ZONE 'UTC', \
             accessed_at = $2, expires_at = $3, revision = $4 \
             WHERE session_id = $5::bpchar AND revision = $6 AND expires_at > $7"
        )
        .into(),
        delete: format!("DELETE FROM {table} WHERE session_id = $1::bpchar AND revision IS NOT NULL").into(),
        load: format!("SELECT {record} FROM {table} WHERE session_id = $1::bpchar AND revision IS NOT NULL")
            .into(),
        look: format!(
            "SELECT expires_at, revision FROM {table} WHERE session_id = $1::bpchar AND revision IS NOT NULL"
        )
        .into(),
        // What another call holds at this moment is being written, or swept already. Rows are deleted by their place:
        // joined by key, a large batch would be looked for in the whole table.
        sweep: format!(
            "DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} \
             WHERE expires_at <= $1 AND session_id <> $2::bpchar AND revision IS NOT NULL \
             ORDER BY expires_at LIMIT $3 FOR UPDATE SKIP LOCKED)) AND expires_at <= $1"
        )
        .into(),
        // Who was used since has another place by now, at which this statement sees nothing.
        evict: Evict::Told(
            format!(
                "DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} \
                 WHERE owned = $1::bigint AND session_id <> $2::bpchar AND revision IS NOT NULL \
                 ORDER BY accessed_at LIMIT $3 FOR UPDATE SKIP LOCKED)) AND owned = $1::bigint \
                 RETURNING session_id"
            )
            .into(),
        ),
        page: format!(
            "SELECT {record} FROM {table} \
             WHERE session_id > $1::bpchar AND revision IS NOT NULL AND expires_at > $2 \
             ORDER BY session_id LIMIT $3"
        )
        .into(),
        owned_by: format!(
            "SELECT {record} FROM {table} WHERE owner = $1 AND revision IS NOT NULL AND expires_at > $2 \
             ORDER BY session_id"
        )
        .into(),
        count: format!("SELECT count(*) FROM {table} WHERE expires_at > $1").into(),
        loads: Some(Bulk::Arrays(
            format!(
                "SELECT session_id::text, data, accessed_at, expires_at, owner, revision FROM {table} \
                 WHERE session_id = ANY($1::bpchar[]) AND revision IS NOT NULL"
            )
            .into(),
            &[Kind::Text],
        )),
        creates: None,
        // What another process holds is passed over, so that nobody waits for others than itself, and no two wait for each other.
        changes: Some(Bulk::Arrays(
            format!(
                "UPDATE {table} AS old SET data = coalesce(new.data, old.data), \
                 atime = to_timestamp(least(new.accessed / 1000, 253402300799)) AT TIME ZONE 'UTC', \
                 accessed_at = new.accessed, expires_at = new.expires, \
                 owner = CASE WHEN new.data IS NULL THEN old.owner ELSE new.owner END, \
                 owned = coalesce(new.owned, old.owned), revision = new.revision \
                 FROM (SELECT there.ctid AS place, given.* FROM unnest($1::text[], $2::text[], $3::bigint[], \
                 $4::bigint[], $5::bytea[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[]) \
                 AS given (key, data, accessed, expires, owner, owned, revision, expected, now) \
                 JOIN {table} AS there ON there.session_id = given.key::bpchar \
                 WHERE there.revision = given.expected AND there.expires_at > given.now \
                 FOR UPDATE OF there SKIP LOCKED) AS new \
                 WHERE old.ctid = new.place AND old.revision = new.expected RETURNING old.session_id"
            )
            .into(),
            &[
                Kind::Text,
                Kind::Text,
                Kind::Int,
                Kind::Int,
                Kind::Bytes,
                Kind::Int,
                Kind::Int,
                Kind::Int,
                Kind::Int,
            ],
        )),
        deletes: None,
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
             session_id CHAR(128) COLLATE \"C\" UNIQUE NOT NULL,\n  \
             atime TIMESTAMP NOT NULL DEFAULT current_timestamp,\n  \
             data TEXT,\n  \
             accessed_at BIGINT,\n  \
             expires_at BIGINT,\n  \
             owner BYTEA,\n  \
             owned SMALLINT,\n  \
             revision BIGINT\n)"
        )
        .into(),
        columns: vec![
            Column { name: "session_id", types: &["character(128)"], mend: None },
            Column { name: "atime", types: &["timestamp without time zone"], mend: None },
            Column { name: "data", types: &["text"], mend: None },
            add("accessed_at", &["bigint"], "BIGINT"),
            add("expires_at", &["bigint"], "BIGINT"),
            add("owner", &["bytea"], "BYTEA"),
            add("owned", &["smallint"], "SMALLINT"),
            add("revision", &["bigint"], "BIGINT"),
        ],
        // An array is called like its elements, and more.
        is_type: |there, wanted| there == wanted,
        indexes: vec![
            index("expires_at", "expires_at"),
            index("owner", "owner"),
            index("evict", "owned, accessed_at"),
        ],
        look: format!(
            "SELECT attname::text, format_type(atttypid, atttypmod), \
             (attnotnull AND NOT atthasdef AND attidentity = '')::int::bigint FROM pg_attribute \
             WHERE attrelid = to_regclass('{table}') AND attnum > 0 AND NOT attisdropped"
        )
        .into(),
        look_at_indexes: format!(
            "SELECT c.relname::text FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid \
             WHERE i.indrelid = to_regclass('{table}')"
        )
        .into(),
        look_for_unique: format!(
            "SELECT 1::bigint FROM pg_index AS i \
             JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] \
             WHERE i.indrelid = to_regclass('{table}') AND i.indisunique AND i.indisvalid \
             AND i.indpred IS NULL AND i.indnkeyatts = 1 AND a.attname = 'session_id'"
        )
        .into(),
        look_for_key_index: None,
    }
}

pub(super) fn lock(patience: Patience) -> Lock {
    let (others, table) = (patience.others.as_millis(), patience.table.as_millis());
    let begin = format!(
        "BEGIN; SET LOCAL lock_timeout = {others}; SELECT pg_advisory_xact_lock({MIGRATION}); \
         SET LOCAL lock_timeout = {table}"
    );
    Lock { begin: begin.into(), take: None, end: "COMMIT".into() }
}
