//! Keeps web sessions in one file.

#[cfg(not(target_os = "linux"))]
compile_error!("store-shelf is made for Linux: its durability is shown to hold there and nowhere else");

mod batch;
mod cap;
mod change;
mod fault;
mod file;
mod format;
mod held;
mod job;
mod medium;
mod options;
mod reader;
mod schema;
mod shelf;
mod snapshot;
mod store;
mod sweep;
mod tables;
mod writer;

#[cfg(test)]
mod crash;

pub use crate::{
    options::{Durability, ShelfOptions},
    store::ShelfStore,
};
