//! What is written to one row.

use session_core::{Key, Record, Result, Revision, Timestamp};

use crate::{
    bulk::Bulk,
    dialect::{Sql, Statements},
    row,
    value::Value,
};

/// A change of one row, which takes place where the row is as is expected.
pub(crate) enum Write {
    Create { key: Key, text: String, record: Record, revision: Revision },
    Save { key: Key, text: String, record: Record, revision: Revision, expect: Revision, now: Timestamp },
    Touch { key: Key, times: [Timestamp; 2], revision: Revision, expect: Revision, now: Timestamp },
    Delete { key: Key },
}

/// Writes that one statement makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kin {
    Creates,
    /// Saves and touches.
    Changes,
    Deletes,
}

impl Kin {
    /// Returns the statement that makes many of these, where the database has one.
    pub(crate) const fn bulk(self, sql: &Statements) -> Option<&Bulk> {
        match self {
            Self::Creates => sql.creates.as_ref(),
            Self::Changes => sql.changes.as_ref(),
            Self::Deletes => sql.deletes.as_ref(),
        }
    }
}

impl Write {
    pub(crate) fn create(key: &Key, record: &Record) -> Result<(Self, Revision)> {
        let revision = Revision::first()?;
        let text = row::encode(record)?;
        Ok((Self::Create { key: *key, text, record: record.clone(), revision }, revision))
    }

    pub(crate) const fn kin(&self) -> Kin {
        match self {
            Self::Create { .. } => Kin::Creates,
            Self::Save { .. } | Self::Touch { .. } => Kin::Changes,
            Self::Delete { .. } => Kin::Deletes,
        }
    }

    pub(crate) const fn key(&self) -> &Key {
        match self {
            Self::Create { key, .. }
            | Self::Save { key, .. }
            | Self::Touch { key, .. }
            | Self::Delete { key } => key,
        }
    }

    pub(crate) const fn bytes(&self) -> usize {
        match self {
            Self::Create { text, .. } | Self::Save { text, .. } => text.len(),
            Self::Touch { .. } | Self::Delete { .. } => 0,
        }
    }

    /// Returns the statement that makes it alone.
    pub(crate) const fn sql<'a>(&self, sql: &'a Statements) -> &'a Sql {
        match self {
            Self::Create { .. } => &sql.create,
            Self::Save { .. } => &sql.save,
            Self::Touch { .. } => &sql.touch,
            Self::Delete { .. } => &sql.delete,
        }
    }

    /// Returns what is bound to that statement.
    pub(crate) fn bound(&self) -> Vec<Value> {
        match self {
            Self::Create { key, text, record, revision } => {
                let mut bound = vec![row::key(key)];
                bound.extend(row::record(text, record));
                bound.push(row::revision(*revision));
                bound
            }
            Self::Save { key, text, record, revision, expect, now } => {
                let mut bound = Vec::from(row::record(text, record));
                bound.push(row::revision(*revision));
                bound.extend([row::key(key), row::revision(*expect), row::time(*now)]);
                bound
            }
            Self::Touch { key, times: [accessed_at, expires_at], revision, expect, now } => {
                let mut bound = Vec::from([*accessed_at, *accessed_at, *expires_at].map(row::time));
                let expected = [row::revision(*expect), row::time(*now)];
                bound.extend([row::revision(*revision), row::key(key)]);
                bound.extend(expected);
                bound
            }
            Self::Delete { key } => vec![row::key(key)],
        }
    }

    /// Returns what is bound to the statement that makes many of its kin.
    pub(crate) fn row(&self) -> Vec<Value> {
        match self {
            Self::Create { key, text, record, revision } => {
                let [text, _, accessed, expires, owner, owned] = row::record(text, record);
                vec![row::key(key), text, accessed, expires, owner, owned, row::revision(*revision)]
            }
            Self::Save { key, text, record, revision, expect, now } => {
                let [text, _, accessed, expires, owner, owned] = row::record(text, record);
                let (revision, expect) = (row::revision(*revision), row::revision(*expect));
                let key = row::key(key);
                vec![key, text, accessed, expires, owner, owned, revision, expect, row::time(*now)]
            }
            Self::Touch { key, times: [accessed_at, expires_at], revision, expect, now } => {
                let [accessed, expires, now] = [*accessed_at, *expires_at, *now].map(row::time);
                let (revision, expect) = (row::revision(*revision), row::revision(*expect));
                // Without data, the row keeps what it has.
                let [text, owner, owned] = [Value::NULL; 3];
                vec![row::key(key), text, accessed, expires, owner, owned, revision, expect, now]
            }
            Self::Delete { key } => vec![row::key(key)],
        }
    }
}
