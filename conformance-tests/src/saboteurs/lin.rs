//! Flaws that show in a history of concurrent calls.

pub(super) mod aftermath;
pub(super) mod others;
pub(super) mod reads;
pub(super) mod writes;
