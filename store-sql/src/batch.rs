//! Many calls in one statement.
//!
//! A statement is a transaction by itself, so a batch is made as a whole or not at all, whatever becomes of its connection.
//! What it returns says which rows it found; the others are judged one by one.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use session_core::{Key, Result};

use crate::{
    asked::{Asked, Work},
    bulk::Bulk,
    call::{Call, Connections},
    dialect::Statements,
    driver::Driver,
    fault::{self, Cause},
    row,
    value::Row,
    write::{Kin, Write},
};

/// Loads sessions.
pub(crate) struct Loads<D: Driver> {
    pub(crate) connections: Arc<Connections<D>>,
    pub(crate) sql: Arc<Statements>,
}

/// Writes rows of one kin.
pub(crate) struct Writes<D: Driver> {
    pub(crate) connections: Arc<Connections<D>>,
    pub(crate) sql: Arc<Statements>,
    pub(crate) kin: Kin,
}

impl<D: Driver> Work for Loads<D> {
    type Ask = (Call, Key);
    type Answer = Result<Option<Row>>;

    fn call((call, _): &Self::Ask) -> &Call {
        call
    }

    fn bytes(_: &Self::Ask) -> usize {
        0
    }

    fn late(call: &Call, was_begun: bool) -> Self::Answer {
        Err(fault::not_applied(call.action, too_late(was_begun)))
    }

    async fn carry_out(&self, batch: Vec<Asked<Self>>) {
        let Some((call, bulk)) = together(batch.iter().map(|asked| &asked.ask.0), self.sql.loads.as_ref())
        else {
            return self.one_by_one(batch).await;
        };
        let mut keys: Vec<_> = batch.iter().map(|asked| asked.ask.1).collect();
        keys.sort_unstable();
        keys.dedup();
        let bound = || bulk.bind(keys.iter().map(|key| vec![row::key(key)]));
        match self.connections.try_read(&call, bulk.sql(keys.len()), bound, row::RECORD).await {
            Ok(answer) => {
                let found = answer.rows.into_iter();
                let found: HashMap<_, _> =
                    found.filter_map(|row| Some((row::parse_key(&row::key_of(&row)?)?, row))).collect();
                for asked in batch {
                    // Several may have asked for the same.
                    let row = found.get(&asked.ask.1).cloned();
                    asked.answer(Ok(row));
                }
            }
            Err(failure) if failure.cause.may_be_of_one() => self.one_by_one(batch).await,
            Err(failure) => {
                for asked in batch {
                    let action = asked.ask.0.action;
                    asked.answer(Err(failure.clone().of_read(action)));
                }
            }
        }
    }
}

impl<D: Driver> Loads<D> {
    async fn one_by_one(&self, batch: Vec<Asked<Self>>) {
        for asked in batch {
            let (call, key) = asked.ask;
            let bound = || vec![row::key(&key)];
            let answer = self.connections.read(&call, &self.sql.load, bound, row::RECORD).await;
            asked.answer(answer.map(|answer| answer.rows.into_iter().next()));
        }
    }
}

impl<D: Driver> Work for Writes<D> {
    type Ask = (Call, Arc<Write>);
    /// Whether the row was as was expected, and was written.
    type Answer = Result<bool>;

    fn call((call, _): &Self::Ask) -> &Call {
        call
    }

    fn bytes((_, write): &Self::Ask) -> usize {
        write.bytes()
    }

    fn late(call: &Call, was_begun: bool) -> Self::Answer {
        let cause = too_late(was_begun);
        Err(if was_begun { fault::sent(call.action, cause) } else { fault::not_applied(call.action, cause) })
    }

    async fn carry_out(&self, mut batch: Vec<Asked<Self>>) {
        let bulk = self.kin.bulk(&self.sql);
        let Some((call, bulk)) = together(batch.iter().map(|asked| &asked.ask.0), bulk) else {
            return self.one_by_one(batch).await;
        };
        // Two processes lock the same rows in the same order.
        batch.sort_unstable_by_key(|asked| *asked.ask.1.key());
        let bound = || bulk.bind(batch.iter().map(|asked| asked.ask.1.row()));
        match self.connections.try_write(&call, bulk.sql(batch.len()), bound, Some(row::KEY)).await {
            Ok(answer) => {
                let written = answer.rows.iter().filter_map(|row| row::parse_key(&row::key_of(row)?));
                let written: HashSet<_> = written.collect();
                for asked in batch {
                    let is_written = written.contains(asked.ask.1.key());
                    asked.answer(Ok(is_written));
                }
            }
            // It was rolled back as a whole.
            Err(failure) if failure.cause.may_be_of_one() => self.one_by_one(batch).await,
            Err(failure) => {
                for asked in batch {
                    let action = asked.ask.0.action;
                    asked.answer(Err(failure.clone().of_write(action)));
                }
            }
        }
    }
}

impl<D: Driver> Writes<D> {
    async fn one_by_one(&self, batch: Vec<Asked<Self>>) {
        for asked in batch {
            let (call, write) = &asked.ask;
            let answer = one(&self.connections, &self.sql, call, write).await;
            asked.answer(answer);
        }
    }
}

/// Makes one write by a statement of its own.
pub(crate) async fn one<D: Driver>(
    connections: &Connections<D>,
    sql: &Statements,
    call: &Call,
    write: &Write,
) -> Result<bool> {
    connections.write(call, write.sql(sql), || write.bound()).await.map(|affected| affected > 0)
}

const fn too_late(was_begun: bool) -> Cause {
    if was_begun { Cause::TimedOut } else { Cause::Behind }
}

/// Returns how they go together, with the time of the one that came last, if there is more than one.
fn together<'a, 'b>(
    calls: impl ExactSizeIterator<Item = &'a Call>,
    bulk: Option<&'b Bulk>,
) -> Option<(Call, &'b Bulk)> {
    let is_alone = calls.len() < 2;
    let call = calls.copied().max_by_key(|call| call.deadline)?;
    bulk.filter(|_| !is_alone).map(|bulk| (call, bulk))
}
