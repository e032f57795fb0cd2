//! What was measured, and how it is shown.

pub(crate) mod chart;
pub(crate) mod plot;
pub(crate) mod report;
mod row;
mod svg;
pub(crate) mod table;

pub(crate) use self::row::{Row, Unit};
