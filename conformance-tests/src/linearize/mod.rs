//! Decides whether a recorded history of concurrent calls is linearizable.
//!
//! It is, when the calls for each key can be put in an order in which every answer is the one the contract gives, and
//! in which no call comes before one that had ended when it began (Herlihy and Wing 1990). The search is the one
//! of Wing and Gong (1993) with the memory of Lowe (2017): a set of calls that led to the same state is tried once.

mod client;
mod history;
mod model;
mod recorder;
mod search;
#[cfg(test)]
mod tests;
mod verdict;

pub(crate) use self::{
    client::{Client, Mix},
    history::{Action, Operation, Reply},
    recorder::Recorder,
    search::linearize,
};
