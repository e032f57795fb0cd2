//! Decides whether a session store is right.
//!
//! A store implements [`Store`](session_core::Store), whose contract says what it must do. This crate tries every line of that
//! contract on it: more than a hundred named cases, for one caller and for many at once, for dropped
//! futures, damaged records and killed processes. What a store does not claim is not tried, but must not be there.
//!
//! ```
//! use std::sync::Arc;
//!
//! use conformance_tests::{Backend, Capabilities, Namespace};
//! use session_core::{Result, Store};
//! use store_memory::MemoryStore;
//!
//! struct Memory;
//!
//! impl Backend for Memory {
//!     const NAME: &'static str = "store-memory";
//!     const CAPS: Capabilities = Capabilities::PLAIN.directory().objects();
//!
//!     async fn open(&self, _: &Namespace) -> Result<Arc<dyn Store>> {
//!         Ok(Arc::new(MemoryStore::new()))
//!     }
//! }
//!
//! conformance_tests::suite!(Memory, directory, objects);
//! # fn main() {}
//! ```
//!
//! # Three ways in
//!
//! - [`suite!`] makes one `#[test]` for each case.
//! - [`main`] is the whole of a test program with `harness = false`.
//! - [`check`] returns a [`Report`] with everything that was found.
//!
//! [`guide`] shows how to write a store of your own in ten minutes, and [`saboteurs`] what the suite catches.
//!
//! Everything random is decided by a seed, which is shown with every failure; the environment variable `CONFORMANCE_SEED`
//! sets it.

#[macro_use]
mod macros;

#[doc(hidden)]
pub mod __private;
mod backend;
mod capabilities;
mod case;
mod check;
mod checks;
mod ctx;
mod either_way;
mod exception;
mod faulty;
mod fixture;
mod folder;
mod groups;
#[doc = include_str!("../CUSTOM_STORE.md")]
pub mod guide {}
mod harness;
mod linearize;
mod namespace;
mod options;
mod outcome;
mod process;
mod proxy;
mod reference;
mod report;
mod rng;
mod run;
pub mod saboteurs;
mod stopwatch;
#[cfg(feature = "certify")]
pub mod stores;
mod trace;

pub use crate::{
    backend::{Backend, Medium},
    capabilities::{Capabilities, Durability, Need},
    case::{BoxFuture, Case, Group, Level},
    check::check,
    ctx::Ctx,
    exception::Exception,
    faulty::{Fault, FaultyStore, Gate, Verb},
    groups::cases,
    harness::main,
    namespace::Namespace,
    options::Options,
    outcome::{Outcome, Stop},
    report::{CaseReport, Finding, Report, Tally, Verdict},
    rng::Rng,
};
