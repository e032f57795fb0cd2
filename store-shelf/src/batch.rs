//! All changes that wait, in one transaction.

use std::panic::{self, AssertUnwindSafe};

use redb::WriteTransaction;
use session_core::{Error, Key, Result, Teller};

use crate::{
    fault::{self, Refusal, failed_to},
    job::Job,
    shelf::Shelf,
    sweep,
    tables::Tables,
};

/// Carries out `jobs` in their order, commits them together, and answers each.
pub(crate) fn carry_out(shelf: &Shelf, teller: &mut Teller, mut jobs: Vec<Box<dyn Job>>) {
    while !jobs.is_empty() {
        // A damaged file may make redb panic once more when what panicked is dropped.
        let attempted = panic::catch_unwind(AssertUnwindSafe(|| attempt(shelf, &mut jobs)));
        match attempted.unwrap_or_else(|_| Err(fault::not_applied("read its file", Refusal::Damaged).into()))
        {
            Ok(evicted) => {
                teller.tell(evicted);
                return answer(jobs, &Ok(()));
            }
            Err(Failure::Of(spoiler, error)) => {
                // Nothing is committed. What this one did to redb ends with opening the file again.
                shelf.close();
                jobs.remove(spoiler).answer(Err(error));
            }
            Err(Failure::OfAll(error)) => {
                shelf.close();
                return answer(jobs, &Err(error));
            }
        }
    }
}

fn answer(jobs: Vec<Box<dyn Job>>, outcome: &Result<()>) {
    jobs.into_iter().for_each(|job| job.answer(outcome.clone()));
}

/// Why a transaction was not committed for sure.
enum Failure {
    /// The job at this place spoilt it, and the others may be tried again.
    Of(usize, Error),
    OfAll(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::OfAll(error)
    }
}

/// Returns who had to make room, when that is committed.
fn attempt(shelf: &Shelf, jobs: &mut [Box<dyn Job>]) -> Result<Vec<Key>, Failure> {
    let transaction = shelf.begin()?;
    let mut tables = Tables::open(&transaction, sweep::ROOM).map_err(failed_to("read its file"))?;
    for (place, job) in jobs.iter_mut().enumerate() {
        job.carry_out(&mut tables).map_err(|error| Failure::Of(place, error))?;
    }
    let is_changed = tables.is_changed();
    let evicted = tables.into_evicted();
    let ended = if is_changed { commit(transaction) } else { abort(transaction) };
    ended.map(|()| evicted).map_err(Failure::OfAll)
}

/// Commits; an error leaves open whether the next opening of the file finds the changes.
///
/// It is never tried again: after a failed sync the next one says that all is well, over bytes that are not there.
fn commit(transaction: WriteTransaction) -> Result<()> {
    match panic::catch_unwind(AssertUnwindSafe(|| transaction.commit())) {
        Ok(committed) => {
            committed.map_err(|error| fault::unknown("commit to its file", redb::Error::from(error)))
        }
        Err(_) => Err(fault::unknown("commit to its file", Refusal::Damaged)),
    }
}

fn abort(transaction: WriteTransaction) -> Result<()> {
    transaction.abort().map_err(failed_to("read its file"))
}
