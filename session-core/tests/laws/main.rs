//! What session-core promises, on a store that fails as it is told.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod address;
mod at_once;
mod clones;
mod closures;
mod combine;
mod csrf;
mod dump;
mod events;
mod faults;
mod kill;
mod login;
mod lone;
mod model;
mod objects;
mod opening;
mod owner;
mod renewal;
mod revoke;
mod rotation;
mod schedules;
mod secrets;
mod support;
mod swap;
mod threads;
mod typed;
mod values;
