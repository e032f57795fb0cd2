//! What both sides of a comparison share: the data, the works, the clock and the way they are told what to do.
//!
//! A *subject* is what is measured, ours or a peer's, each in a process of its own. The driver starts one of each,
//! and has them work in turn.

mod application;
mod change;
mod child;
mod handle;
mod mixed;
mod random;
mod subject;
mod timed;
mod values;
mod works;

pub use crate::{
    application::{Counted, serve},
    child::{answer_rounds, once, repeat},
    handle::{Handle, handle_rounds},
    mixed::mixed,
    subject::{Loads, Saves, Subject, load_and_save_rounds, save_rounds, store_rounds},
    timed::timed,
    values::Values,
};
