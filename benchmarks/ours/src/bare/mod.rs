//! What ours is built on, used by hand: the limits of this machine.

pub(crate) mod axum;
pub(crate) mod bytes;
pub(crate) mod counted;
pub(crate) mod fsync;
pub(crate) mod postgres;
pub(crate) mod redb;
pub(crate) mod sqlite;
