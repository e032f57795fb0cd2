//! The calls of a store, on any database.

use std::sync::Arc;

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Owner, Record, Result, Revision, Stored, Timestamp};

use crate::{
    call::{Call, Connections},
    cap::Cap,
    dialect::Statements,
    driver::Driver,
    options::SqlOptions,
    row,
    table::Table,
    value::{Kind, Value},
};

/// The most expired sessions that one statement deletes, so that other writes come in between.
pub(crate) const SWEEP_ROWS: usize = 500;

/// How often a write that matched no row is judged anew, when what was in its way has gone since.
const JUDGEMENTS: usize = 8;

/// A store on one database, behind a pointer, so that [`SqlStore`](crate::SqlStore) has no parameter.
#[async_trait]
pub(crate) trait Engine: Send + Sync {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>>;
    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision>;
    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        times: [Timestamp; 2],
        now: Timestamp,
    ) -> Result<Revision>;
    async fn delete(&self, key: &Key) -> Result<()>;
    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize>;
    async fn page(&self, after: Option<&Key>, limit: usize, now: Timestamp) -> Result<Vec<(Key, Stored)>>;
    async fn owned_by(&self, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>>;
    async fn count(&self, now: Timestamp) -> Result<u64>;
    async fn close(&self);
}

/// The calls of a store on the database `D`.
#[derive(Debug)]
pub(crate) struct SqlEngine<D: Driver> {
    pub(crate) connections: Connections<D>,
    pub(crate) sql: Statements,
    pub(crate) cap: Option<Cap>,
}

impl<D: Driver> SqlEngine<D> {
    pub(crate) fn new(connections: Connections<D>, table: &Table, options: &SqlOptions) -> Arc<Self> {
        let sql = D::DIALECT.statements(table);
        Arc::new(Self { connections, sql, cap: options.max_sessions.map(Cap::new) })
    }

    async fn create(&self, call: &Call, key: &Key, record: &Record) -> Result<Revision> {
        let (text, revision) = (row::encode(record)?, Revision::first()?);
        let bound = || {
            let mut bound = vec![row::key(key)];
            bound.extend(row::record(&text, record));
            bound.push(row::revision(revision));
            bound
        };
        match self.connections.write(call, &self.sql.create, bound).await? {
            0 => Err(Error::Exists),
            _ => Ok(revision),
        }
    }

    async fn replace(
        &self,
        key: &Key,
        record: &Record,
        expect: Revision,
        now: Timestamp,
    ) -> Result<Revision> {
        let call = self.connections.call("save a session");
        let (text, revision) = (row::encode(record)?, expect.next()?);
        let bound = || {
            let mut bound = Vec::from(row::record(&text, record));
            bound.push(row::revision(revision));
            bound.extend([row::key(key), row::revision(expect), row::time(now)]);
            bound
        };
        for _ in 0..JUDGEMENTS {
            if self.connections.write(&call, &self.sql.save, bound).await? > 0 {
                return Ok(revision);
            }
            self.judge(&call, key, expect, now).await?;
        }
        Err(Error::Conflict)
    }

    /// Says why a write that expected a revision matched no row.
    ///
    /// The write changed nothing, so it takes its place in the order of things here: what this look finds is what the call
    /// is answered. If the revision is there now after all, the write is to be sent again.
    async fn judge(&self, call: &Call, key: &Key, expect: Revision, now: Timestamp) -> Result<()> {
        let look = self.connections.read(call, &self.sql.look, || vec![row::key(key)], row::LOOK).await?;
        let found = look.rows.into_iter().next().map(row::decode_look).transpose()?;
        let expect = Expect::Revision(expect);
        let found = found.filter(|(expires_at, _)| expect.counts(*expires_at, now));
        expect.judge(found.map(|(_, revision)| revision), Revision::from_i64(0)?).map(drop)
    }

    /// Deletes one batch of those that are dead, but not `spared`.
    pub(crate) async fn sweep(
        &self,
        call: &Call,
        now: Timestamp,
        spared: Option<&Key>,
        limit: usize,
    ) -> Result<u64> {
        let bound = || vec![row::time(now), spare(spared), row::limit(limit)];
        self.connections.write(call, &self.sql.sweep, bound).await
    }

    pub(crate) async fn count_after(&self, call: &Call, millis: i64) -> Result<u64> {
        let bound = || vec![Value::Int(millis)];
        let answer = self.connections.read(call, &self.sql.count, bound, &[Kind::Int]).await?;
        match answer.rows.into_iter().next().as_deref() {
            Some([Some(Value::Int(count))]) => Ok(u64::try_from(*count).unwrap_or(0)),
            _ => Err(Error::Corrupt("the database gave no number")),
        }
    }
}

/// Returns the key that a statement spares, or one that no session has.
pub(crate) fn spare(key: Option<&Key>) -> Value {
    key.map_or_else(|| Value::Text(String::new()), row::key)
}

/// Reads a list; a damaged session is left out and does not hide the others.
fn listed(row: crate::value::Row) -> Option<(Key, Stored)> {
    let (text, stored) = row::decode(row).ok()?;
    Some((row::parse_key(&text)?, stored))
}

#[async_trait]
impl<D: Driver> Engine for SqlEngine<D> {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let call = self.connections.call("load a session");
        let answer =
            self.connections.read(&call, &self.sql.load, || vec![row::key(key)], row::RECORD).await?;
        let found = answer.rows.into_iter().next().map(row::decode).transpose()?;
        Ok(found.map(|(_, stored)| stored).filter(|stored| stored.record.is_live(now)))
    }

    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        let Expect::Revision(expect) = expect else {
            let call = self.connections.call("create a session");
            let create = async { Ok((self.create(&call, key, record).await?, 1)) };
            let (revision, known) = self.counted(create).await?;
            if let Some(mut known) = known {
                // The session is kept. Who is to go for it goes with the next one, if not now.
                let _ = self.make_room(&call, &mut known, Some(key), now).await;
            }
            return Ok(revision);
        };
        self.replace(key, record, expect, now).await
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        [accessed_at, expires_at]: [Timestamp; 2],
        now: Timestamp,
    ) -> Result<Revision> {
        let (call, revision) = (self.connections.call("touch a session"), expect.next()?);
        let times = [accessed_at, accessed_at, expires_at];
        let bound = || {
            let mut bound = Vec::from(times.map(row::time));
            bound.extend([row::revision(revision), row::key(key), row::revision(expect), row::time(now)]);
            bound
        };
        for _ in 0..JUDGEMENTS {
            if self.connections.write(&call, &self.sql.touch, bound).await? > 0 {
                return Ok(revision);
            }
            self.judge(&call, key, expect, now).await?;
        }
        Err(Error::Conflict)
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        let call = self.connections.call("delete a session");
        let delete = async {
            let gone = self.connections.write(&call, &self.sql.delete, || vec![row::key(key)]).await?;
            Ok(((), -i64::try_from(gone).unwrap_or(0)))
        };
        self.counted(delete).await.map(drop)
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        let mut deleted = 0;
        while deleted < limit {
            let (call, batch) =
                (self.connections.call("delete expired sessions"), SWEEP_ROWS.min(limit - deleted));
            let sweep = async {
                let gone = self.sweep(&call, now, None, batch).await?;
                Ok((usize::try_from(gone).unwrap_or(batch), -i64::try_from(gone).unwrap_or(0)))
            };
            let (gone, _) = self.counted(sweep).await?;
            deleted += gone;
            if gone < batch {
                break;
            }
        }
        if let Some(cap) = &self.cap {
            let call = self.connections.call("count the sessions");
            let mut known = cap.known.lock().await;
            // Other processes may have created some.
            *known = None;
            self.make_room(&call, &mut known, None, now).await?;
        }
        Ok(deleted)
    }

    async fn page(&self, after: Option<&Key>, limit: usize, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let call = self.connections.call("list sessions");
        let (mut page, mut after) = (Vec::new(), after.map_or_else(String::new, ToString::to_string));
        while page.len() < limit {
            let left = limit - page.len();
            let bound = || vec![Value::Text(after.clone()), row::time(now), row::limit(left)];
            let rows = self.connections.read(&call, &self.sql.page, bound, row::RECORD).await?.rows;
            let (is_last, last) = (rows.len() < left, rows.last().and_then(row::key_of));
            page.extend(rows.into_iter().filter_map(listed));
            // Damaged sessions are left out: a page that is short for them goes on behind them.
            match last {
                Some(last) if !is_last => after = last,
                _ => break,
            }
        }
        Ok(page)
    }

    async fn owned_by(&self, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let call = self.connections.call("list the sessions of an owner");
        let bound = || vec![row::owner(owner), row::time(now)];
        let rows = self.connections.read(&call, &self.sql.owned_by, bound, row::RECORD).await?.rows;
        Ok(rows.into_iter().filter_map(listed).collect())
    }

    async fn count(&self, now: Timestamp) -> Result<u64> {
        self.count_after(&self.connections.call("count the sessions"), now.as_millis()).await
    }

    async fn close(&self) {
        self.connections.pool().close().await;
    }
}
