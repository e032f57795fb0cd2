//! What session-core promises, on a store that fails as it is told.

mod combine;
mod kill;
mod login;
mod model;
mod opening;
mod revoke;
mod rotation;
mod support;
mod values;
