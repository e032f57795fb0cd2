//! The calls of a store, on any database.

use std::sync::Arc;

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Owner, Record, Result, Revision, Stored, Timestamp};

use crate::{
    batch::{self, Loads, Writes},
    bulk::Bulk,
    call::{Call, Connections},
    cap::Cap,
    dialect::Statements,
    driver::Driver,
    executor::Executor,
    fault::{self, Cause},
    gather::{Gather, Manner},
    options::SqlOptions,
    row,
    value::{Kind, Value},
    write::{Kin, Write},
};

/// How often a write that matched no row is judged anew, when what was in its way has gone since.
const JUDGEMENTS: usize = 8;

/// A store on one database, behind a pointer, so that [`SqlStore`](crate::SqlStore) has no parameter.
#[async_trait]
pub(crate) trait Engine: Send + Sync {
    /// Any executor may poll this one.
    async fn load(&self, call: Call, key: &Key, now: Timestamp) -> Result<Option<Stored>>;
    async fn save(
        &self,
        call: Call,
        key: &Key,
        record: &Record,
        expect: Expect,
        now: Timestamp,
    ) -> Result<Revision>;
    async fn touch(
        &self,
        call: Call,
        key: &Key,
        expect: Revision,
        times: [Timestamp; 2],
        now: Timestamp,
    ) -> Result<Revision>;
    async fn delete(&self, call: Call, key: &Key) -> Result<()>;
    /// Each of its batches is a call of its own.
    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize>;
    async fn page(
        &self,
        call: Call,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Stored)>>;
    async fn owned_by(&self, call: Call, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>>;
    async fn count(&self, call: Call, now: Timestamp) -> Result<u64>;
    async fn close(&self);
}

/// The calls of a store on the database `D`.
pub(crate) struct SqlEngine<D: Driver> {
    pub(crate) connections: Arc<Connections<D>>,
    pub(crate) sql: Arc<Statements>,
    pub(crate) cap: Option<Cap>,
    loads: Arc<Gather<Loads<D>>>,
    creates: Arc<Gather<Writes<D>>>,
    changes: Arc<Gather<Writes<D>>>,
    deletes: Arc<Gather<Writes<D>>>,
}

impl<D: Driver> SqlEngine<D> {
    pub(crate) fn new(
        connections: Connections<D>,
        sql: Statements,
        options: &SqlOptions,
        executor: &Executor,
    ) -> Arc<Self> {
        let (connections, sql) = (Arc::new(connections), Arc::new(sql));
        let manner = |bulk: Option<&Bulk>| match bulk {
            Some(_) if options.coalesce => Manner::together(D::BATCHES).within(D::BATCH_BYTES),
            _ => Manner::ALONE,
        };
        let loads = Loads { connections: Arc::clone(&connections), sql: Arc::clone(&sql) };
        let loads = Gather::new(loads, manner(sql.loads.as_ref()), executor.clone());
        let [creates, changes, deletes] = [Kin::Creates, Kin::Changes, Kin::Deletes].map(|kin| {
            let writes = Writes { connections: Arc::clone(&connections), sql: Arc::clone(&sql), kin };
            Gather::new(writes, manner(kin.bulk(&sql)), executor.clone())
        });
        let cap = options.max_sessions.map(Cap::new);
        Arc::new(Self { connections, sql, cap, loads, creates, changes, deletes })
    }

    /// Makes a write, together with others of its kin where there is a statement for that, and returns whether the row was
    /// as was expected.
    async fn write(&self, call: &Call, write: &Arc<Write>) -> Result<bool> {
        let gather = match write.kin() {
            Kin::Creates => &self.creates,
            Kin::Changes => &self.changes,
            Kin::Deletes => &self.deletes,
        };
        let written = gather.ask((*call, Arc::clone(write))).await;
        written.unwrap_or_else(|| Err(fault::sent(call.action, Cause::NoRuntime)))
    }

    async fn write_alone(&self, call: &Call, write: &Write) -> Result<bool> {
        batch::one(&self.connections, &self.sql, call, write).await
    }

    /// Makes a write of a session that must have the revision `expect`.
    async fn change(&self, call: &Call, write: Write, expect: Revision, now: Timestamp) -> Result<()> {
        let write = Arc::new(write);
        let mut is_written = self.write(call, &write).await?;
        for _ in 0..JUDGEMENTS {
            if is_written {
                return Ok(());
            }
            self.judge(call, write.key(), expect, now).await?;
            // Alone, because one of many passes over a row that somebody else holds at that moment.
            is_written = self.write_alone(call, &write).await?;
        }
        Err(Error::Conflict)
    }

    /// Returns the revision of a write that expects `expect`.
    async fn next(&self, call: &Call, key: &Key, expect: Revision, now: Timestamp) -> Result<Revision> {
        match expect.next() {
            Err(last) => self.judge(call, key, expect, now).await.and(Err(last)),
            next => next,
        }
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

    pub(crate) async fn count_after(&self, call: &Call, millis: i64) -> Result<u64> {
        let bound = || vec![Value::Int(millis)];
        let answer = self.connections.read(call, &self.sql.count, bound, &[Kind::Int]).await?;
        match answer.rows.into_iter().next().as_deref() {
            Some([Some(Value::Int(count))]) => Ok(u64::try_from(*count).unwrap_or(0)),
            _ => Err(Error::Corrupt("the database gave no number")),
        }
    }
}

/// Reads a list; a damaged session is left out and does not hide the others.
fn listed(row: crate::value::Row) -> Option<(Key, Stored)> {
    let (text, stored) = row::decode(row).ok()?;
    Some((row::parse_key(&text)?, stored))
}

#[async_trait]
impl<D: Driver> Engine for SqlEngine<D> {
    async fn load(&self, call: Call, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let loaded = self.loads.ask((call, *key)).await;
        let row = loaded.unwrap_or_else(|| Err(fault::not_applied(call.action, Cause::NoRuntime)))?;
        let found = row.map(row::decode).transpose()?;
        Ok(found.map(|(_, stored)| stored).filter(|stored| stored.record.is_live(now)))
    }

    async fn save(
        &self,
        call: Call,
        key: &Key,
        record: &Record,
        expect: Expect,
        now: Timestamp,
    ) -> Result<Revision> {
        let Expect::Revision(expect) = expect else {
            let create = async {
                let (create, revision) = Write::create(key, record)?;
                match self.write(&call, &Arc::new(create)).await? {
                    true => Ok((revision, 1)),
                    false => Err(Error::Exists),
                }
            };
            let (revision, known) = self.counted(&call, create).await?;
            if let Some(mut known) = known {
                // The session is kept. Who is to go for it goes with the next one, if not now.
                let _ = self.make_room(&call, &mut known, Some(key), now).await;
            }
            return Ok(revision);
        };
        let revision = self.next(&call, key, expect, now).await?;
        let (text, record) = (row::encode(record)?, record.clone());
        let save = Write::Save { key: *key, text, record, revision, expect, now };
        self.change(&call, save, expect, now).await.map(|()| revision)
    }

    async fn touch(
        &self,
        call: Call,
        key: &Key,
        expect: Revision,
        times: [Timestamp; 2],
        now: Timestamp,
    ) -> Result<Revision> {
        let revision = self.next(&call, key, expect, now).await?;
        let touch = Write::Touch { key: *key, times, revision, expect, now };
        self.change(&call, touch, expect, now).await.map(|()| revision)
    }

    async fn delete(&self, call: Call, key: &Key) -> Result<()> {
        let delete = async {
            let was_there = self.write(&call, &Arc::new(Write::Delete { key: *key })).await?;
            Ok(((), -i64::from(was_there)))
        };
        self.counted(&call, delete).await.map(drop)
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        self.sweep_all(now, limit).await
    }

    async fn page(
        &self,
        call: Call,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Stored)>> {
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

    async fn owned_by(&self, call: Call, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let bound = || vec![row::owner(owner), row::time(now)];
        let rows = self.connections.read(&call, &self.sql.owned_by, bound, row::RECORD).await?.rows;
        Ok(rows.into_iter().filter_map(listed).collect())
    }

    async fn count(&self, call: Call, now: Timestamp) -> Result<u64> {
        self.count_after(&call, now.as_millis()).await
    }

    async fn close(&self) {
        self.connections.close().await;
    }
}
