//! A store that fails as it is told.

mod directory;
mod fault;
mod gate;
mod plan;
mod store;

pub use self::{
    fault::{Fault, Verb},
    gate::Gate,
    store::FaultyStore,
};
